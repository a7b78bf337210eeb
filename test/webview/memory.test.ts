import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../fixtures/root';
import { seriousViolations } from './accessibility';
import { statusOf } from './driver';
import { memoryOf, pointOf, START_MS, zoneOf } from './memory-points';
import { applyTheme, themes } from './themes';
import { describePage } from './with-page';

const results = join(repositoryRoot, 'test-results');

describePage('memory of the workers', (current) => {
  const workers = () =>
    current.page.page.getByRole('table', { name: /^Memory of the workers now/ });
  const zones = () => current.page.page.getByRole('table', { name: /by zone/ });
  const row = (name: string) => workers().getByRole('row').filter({ hasText: name });
  const chart = () => current.page.page.locator('.memory-chart');
  const legend = (name: string) =>
    current.page.page.getByRole('button', { name: new RegExp(`^${name} .*MiB$`) });
  const value = async (name: string) => legend(name).locator('.value').innerText();

  before(() => mkdirSync(results, { recursive: true }));
  beforeEach(async () => {
    await current.page.send({ type: 'layout', layout: 'memory' });
    await current.page.waitForWant('memory');
    await current.page.send(memoryOf());
    await current.page.settled();
  });

  it('has each worker as it is now, and the chart of the largest', async () => {
    const cells = await row('1234').locator('td').allInnerTexts();
    assert.deepEqual(cells.slice(0, 9), [
      '197.0',
      '155.0',
      '12.0',
      '30.0',
      '0.00',
      '69.5',
      '120.0',
      '0.00',
      'sweeping',
    ]);
    assert.equal(await row('1235').locator('td').first().innerText(), '30.0');
    assert.match((await chart().getAttribute('aria-label')) ?? '', /^Memory of worker 1234: RSS/);
    assert.equal(await value('Lua'), '69.5 MiB');
  });

  it('draws a line for each figure and the work of the collector', async () => {
    assert.equal(await chart().locator('path.line').count(), 7);
    const marks = await chart().locator('.marking').count();
    const sweeps = await chart().locator('.sweeping').count();
    // Two minutes are three cycles of 40 s, and the end of another.
    assert.deepEqual([marks, sweeps], [3, 4]);
    const width = (await chart().locator('.marking').first().boundingBox())!.width;
    const whole = (await chart().boundingBox())!.width - 84;
    assert.ok(Math.abs(width / whole - 8 / 120) < 0.002, 'each takes 8 s');
    await legend('Next cycle').click();
    assert.equal(await chart().locator('path.line').count(), 6);
    assert.equal(await legend('Next cycle').getAttribute('aria-pressed'), 'false');
  });

  it('scales to what is shown', async () => {
    const highest = async () => {
      const ticks = await chart().locator('.axis').first().locator('text').allTextContents();
      return Math.max(...ticks.map((text) => parseFloat(text)));
    };
    assert.ok((await highest()) >= 150);
    for (const name of ['RSS', 'Private', 'Next cycle', 'LuaJIT allocator'])
      await legend(name).click();
    assert.ok((await highest()) <= 120);
  });

  it('says the exact figures at the pointer and by the keyboard', async () => {
    const box = (await chart().boundingBox())!;
    const atPointer = (part: number) => box.x + 72 + (box.width - 84) * part;
    // 60 s before the end: second 539, 19 s into a cycle.
    await current.page.page.mouse.move(atPointer(0.5), box.y + 60);
    assert.equal(await value('Lua'), '88.5 MiB');
    await current.page.page.mouse.move(5, 5);
    assert.equal(await value('Lua'), '69.5 MiB');
    await chart().focus();
    await current.page.page.keyboard.press('ArrowLeft');
    assert.equal(await value('Lua'), '75.0 MiB');
    const said = await current.page.page.locator('[aria-live]').allInnerTexts();
    assert.ok(
      said.some((text) => /\d+:\d+:\d+.*Lua 75\.0 MiB/.test(text)),
      said.join(),
    );
    await current.page.page.keyboard.press('End');
    assert.equal(await value('Lua'), '69.5 MiB');
  });

  it('goes on with what is new, and begins anew with what is whole', async () => {
    await current.page.send({
      type: 'memory',
      whole: false,
      points: [pointOf(1234, 600, { gcTotal: 77 * 2 ** 20 })],
      zones: null,
    });
    assert.equal(await value('Lua'), '77.0 MiB');
    await current.page.send(memoryOf({ points: [pointOf(9, 1)] }));
    assert.equal(await workers().locator('tbody tr').count(), 1);
  });

  it('leaves a time open in which nobody sampled', async () => {
    const { page } = current;
    // From 60 s to 20 s before the end, of two minutes.
    const gap = [START_MS + 539_500, START_MS + 579_500] as const;
    const points = memoryOf().points.filter(({ atMs }) => atMs < gap[0] || atMs > gap[1]);
    await page.send(statusOf({ startUnixMs: START_MS, gaps: [[539.5e6, 579.5e6]] }));
    await page.send(memoryOf({ points }));
    await page.settled();
    const d = (await chart().locator('path.line-lua').getAttribute('d'))!;
    assert.equal(d.match(/M/g)?.length, 2, 'no line crosses it');
    assert.equal((await chart().locator('path.range').getAttribute('d'))!.match(/M/g)?.length, 2);
    const box = (await chart().locator('.gap').boundingBox())!;
    const whole = (await chart().boundingBox())!;
    assert.ok(Math.abs(box.width / (whole.width - 84) - 40 / 120) < 0.01);
    // The collector was marking when the probe left: nobody saw how long.
    for (const mark of await chart().locator('.marking, .sweeping').all()) {
      const { x, width } = (await mark.boundingBox())!;
      assert.ok(x + width <= box.x + 1 || x >= box.x + box.width - 1);
    }
    assert.match((await chart().getAttribute('aria-label'))!, /Not traced from .* to .*\./);
    assert.match(await chart().innerText(), /not traced/);
    await page.page.mouse.move(box.x + box.width / 2, box.y + 40);
    assert.match(await page.page.locator('.memory-legend').innerText(), /not traced[^]*Lua\s+–/);
    await page.page.mouse.move(5, 5);
    for (const theme of ['dark', 'light']) {
      await applyTheme(page.page, theme);
      await page.settled();
      await page.page.screenshot({ path: join(results, `memory-gap-${theme}.png`) });
    }
  });

  it('shows another worker, and one figure of all', async () => {
    await row('1235').getByRole('button', { name: '1235' }).click();
    assert.match((await chart().getAttribute('aria-label')) ?? '', /worker 1235/);
    await current.page.page.getByRole('combobox', { name: 'Chart', exact: true }).click();
    await current.page.page.getByRole('option', { name: 'Lua memory of all' }).click();
    assert.equal(await chart().locator('path.line').count(), 2);
    assert.equal(await value('worker 1235'), '3.00 MiB');
  });

  it('shows the memory of Lua on a scale of its own, of the chosen worker', async () => {
    const { page } = current;
    const highest = async () => {
      const ticks = await chart().locator('.axis').first().locator('text').allTextContents();
      return Math.max(...ticks.map((text) => parseFloat(text)));
    };
    await page.page.getByRole('combobox', { name: 'Chart', exact: true }).click();
    await page.page.getByRole('option', { name: 'Lua of one worker' }).click();
    assert.equal(await chart().locator('path.line').count(), 3);
    assert.ok((await highest()) <= 120);
    await row('1235').getByRole('button', { name: '1235' }).click();
    assert.match((await chart().getAttribute('aria-label'))!, /^Memory of worker 1235: LuaJIT/);
    for (const theme of ['dark', 'light'] as const) {
      await applyTheme(page.page, theme);
      await page.settled();
      await page.page.screenshot({ path: join(results, `memory-lua-${theme}.png`) });
    }
  });

  it('asks for a heap snapshot of a worker', async () => {
    await row('1235')
      .getByRole('button', { name: /Heap snapshot/ })
      .click();
    assert.equal((await current.page.waitForMessage('heap')).pid, 1235);
  });

  it('shows zones, estimates as such, and what cannot be told as that', async () => {
    const cells = async (name: string) =>
      zones().getByRole('row').filter({ hasText: name }).locator('td').allInnerTexts();
    assert.deepEqual(await cells('kong_db_cache'), [
      'http_lua',
      '128.0',
      '85.9',
      '32 %',
      '41.0',
      '≈ 20,119',
      '≈ 4',
      '0',
    ]);
    assert.deepEqual((await cells('kong_rate')).slice(-3), ['1,909', '310', '7,123']);
    assert.deepEqual((await cells('perip')).slice(-4), ['–', '–', '–', '0']);
    const missing = 'This nginx does not say where its zones are.';
    const none = { pid: 1234, zones: [], leftOut: 0, missing };
    await current.page.send(memoryOf({ zones: none }));
    assert.ok(await zones().isHidden());
    assert.ok((await current.page.page.locator('.memory-notes').innerText()).includes(missing));
  });

  it('says what is certain of a large worker', async () => {
    const changes = { luaSegments: 500 * 2 ** 20, gcTotal: 50 * 2 ** 20, rssAnon: 520 * 2 ** 20 };
    await current.page.send(memoryOf({ points: [pointOf(1234, 1, changes)] }));
    const text = await current.page.page.locator('.memory > .warning').innerText();
    assert.match(text, /holds 500 MiB, of which Lua objects use less than half \(50 MiB\)/);
  });

  it('shows hostile names as text', async () => {
    const hostile = '<img src=x onerror=alert(1)>';
    const zone = zoneOf({ name: hostile, module: hostile });
    await current.page.send(
      memoryOf({ zones: { pid: 1, zones: [zone], leftOut: 3, missing: '' } }),
    );
    assert.ok((await zones().innerText()).includes(hostile));
    assert.equal(await current.page.page.locator('img').count(), 0);
    const notes = await current.page.page.locator('.memory-notes').innerText();
    assert.ok(notes.includes('3 zones are not shown'));
  });

  it('needs no samples: an idle worker has memory', async () => {
    await current.page.send(statusOf({ samples: 0 }));
    assert.ok(await chart().isVisible());
  });

  for (const theme of Object.keys(themes)) {
    it(`is accessible in ${theme}`, async () => {
      const { page } = current;
      await applyTheme(page.page, theme);
      await page.settled();
      await page.page.screenshot({ path: join(results, `memory-${theme}.png`) });
      assert.deepEqual(await seriousViolations(page.page), []);
    });
  }

  it('fits a narrow column', async () => {
    const { page } = current;
    await page.page.setViewportSize({ width: 540, height: 700 });
    await page.settled();
    await page.page.screenshot({ path: join(results, 'memory-narrow.png') });
    const sideways = await page.page.evaluate('document.documentElement.scrollWidth > innerWidth');
    assert.equal(sideways, false);
  });
});
