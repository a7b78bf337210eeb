import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../fixtures/root';
import { waitFor } from '../fixtures/wait';
import { seriousViolations } from './accessibility';
import { statusOf } from './driver';
import { latencyOf, START_MS } from './latency-report';
import { applyTheme, themes } from './themes';
import { describePage } from './with-page';

const results = join(repositoryRoot, 'test-results');

describePage('latency of requests', (current) => {
  const table = () => current.page.page.getByRole('table', { name: /^Latency of requests/ });
  const row = (name: string) =>
    table()
      .getByRole('row')
      .filter({ has: current.page.page.getByRole('button', { name, exact: true }) });
  const text = (selector: string) => current.page.page.locator(selector).innerText();
  const heat = () => current.page.page.locator('.heat');
  const range = () =>
    current.page
      .waitForWant('tree', (view) => view?.range !== undefined)
      .then((view) => view?.range?.map((us) => us / 1e6));

  before(() => mkdirSync(results, { recursive: true }));
  beforeEach(async () => {
    await current.page.send(statusOf({ startUnixMs: START_MS }));
    await current.page.page.keyboard.press('l');
    await current.page.waitForWant('latency');
    await current.page.send(latencyOf());
    await current.page.settled();
    await current.page.forgetMessages();
  });

  it('are told in figures that agree with the rows they come from', async () => {
    const { rows, all } = latencyOf();
    assert.equal(
      rows.reduce((sum, { count }) => sum + count, 0),
      all.count,
    );
    assert.match(
      await text('.latency .owner-facts'),
      /^31,920 requests · 133 \/ s · watched 100 %/,
    );
    const cells = await row('/api/login').locator('td').allInnerTexts();
    assert.equal(cells[0], '1,920');
    assert.equal(cells[1], '8.0');
    assert.match(cells[3]!, /^2\d\.\d ms$/, 'mean');
    assert.equal(cells[9], '4.3 %', 'not in the log');
    assert.equal(cells[10], '61.0 %', 'upstream');
    assert.match(await text('.latency-figures'), /p50\s+\d\.\d ms\s+p90/);
    assert.match(
      await text('.latency-hidden'),
      /^4\.\d % of the latency is not in the access log$/,
    );
  });

  it('say what is estimated, lost and not watched', async () => {
    await current.page.send(
      latencyOf({ watched: 0.123, lost: 1234, on: false, watchedSeconds: 10 }),
    );
    const facts = await text('.latency .owner-facts');
    assert.match(
      facts,
      /31,920 requests seen · ≈ 3,192 \/ s · watched 12 % of the time, in bursts/,
    );
    assert.match(facts, /1,234 lost · not being watched now/);
    assert.match(await row('/health').innerText(), /≈ /);
    const heads = await table().getByRole('columnheader').allInnerTexts();
    assert.equal(heads[1], 'Seen');
    const none = { timesUs: [], columnUs: 1e6, edgesUs: [], counts: [] };
    const nothing = { ...none, p50Us: [], p90Us: [], p99Us: [], p999Us: [], maxUs: [] };
    const empty = { rows: [], heat: nothing, all: { ...latencyOf().all, count: 0 } };
    await current.page.send(latencyOf({ ...empty, missing: 'Uprobes are locked down.' }));
    assert.match(await text('.latency-nothing'), /cannot be watched\. Uprobes are locked down\./);
    assert.equal(await heat().isVisible(), false);
  });

  it('narrow all views to a row whose requests samples know, and this view to any other', async () => {
    const { page } = current;
    await row('/api/login').locator('button').click();
    assert.deepEqual((await page.waitForMessage('focus')).focus, {
      by: 'uri',
      key: '/api/login',
      kind: 'other',
    });
    await page.send(statusOf({ focus: { by: 'uri', key: '/api/login', kind: 'other' } }));
    const pressed = row('/api/login').locator('button');
    assert.equal(await pressed.getAttribute('aria-pressed'), 'true');
    await page.page.getByRole('combobox', { name: 'Rows' }).click();
    await page.page.getByRole('option', { name: 'By status' }).click();
    await page.waitForWant('latency', (wanted) => wanted?.by === 'status');
    const one = { ...latencyOf().rows[0]!, key: '500', name: '500' };
    await page.send(latencyOf({ by: 'status', rows: [one] }));
    await row('500').locator('button').click();
    const only = { by: 'status', key: '500' } as const;
    assert.deepEqual(await page.waitForWant('latency', (wanted) => wanted?.only?.key === '500'), {
      of: 'requests',
      by: 'status',
      only,
    });
    await page.send(latencyOf({ by: 'status', rows: [one], only }));
    const chip = page.page.locator('.latency .focus-bar');
    assert.match(await chip.innerText(), /Only status 500/);
    await chip.getByRole('button').click();
    await page.waitForWant('latency', (wanted) => wanted !== null && wanted.only === null);
  });

  it('are of subrequests, where a gateway has some', async () => {
    const { page } = current;
    const kinds = page.page.getByRole('combobox', { name: 'Requests or subrequests' });
    assert.equal(await kinds.isVisible(), false);
    await page.send(latencyOf({ subrequests: 12 }));
    assert.match(await text('.latency .owner-facts'), /12 subrequests within their time/);
    await kinds.click();
    await page.page.getByRole('option', { name: 'Subrequests' }).click();
    await page.waitForWant('latency', (wanted) => wanted?.of === 'subrequests');
    const all = { ...latencyOf().all, count: 12 };
    await page.send(latencyOf({ of: 'subrequests', subrequests: 12, all }));
    assert.match(await text('.latency .owner-facts'), /^12 subrequests · /);
  });

  it('choose a time for all views, by pointer and by key, and take it back', async () => {
    const { page } = current;
    const { columnUs, timesUs } = latencyOf().heat;
    const column = columnUs / 1e6;
    const box = (await heat().boundingBox())!;
    const x = (part: number) => box.x + 66 + part * (box.width - 66 - 48);
    const at = (part: number) => Math.floor(part * timesUs.length) * column;
    await page.page.mouse.move(x(0.252), box.y + 100);
    await page.page.mouse.down();
    await page.page.mouse.move(x(0.502), box.y + 120);
    await page.page.mouse.up();
    assert.deepEqual(await range(), [at(0.252), at(0.502) + column]);
    assert.match(await text('.focus-bar:visible'), /^Only \d\d:01:00 – \d\d:02:0\d/);
    await page.page.getByRole('button', { name: /show all of the time/ }).click();
    await page.waitForWant('tree', (view) => view !== null && view.range === undefined);
    await page.forgetMessages();

    await heat().focus();
    for (const key of ['Home', 'ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight']) {
      await page.page.keyboard.press(key);
    }
    const three = (us?: readonly number[]) => us?.[1] === 4 * columnUs;
    const wanted = await page.waitForWant('tree', (view) => three(view?.range));
    assert.deepEqual(wanted?.range, [columnUs, 4 * columnUs]);
    await page.send(latencyOf({ range: [columnUs, 4 * columnUs] }));
    await page.page.keyboard.press('Escape');
    await page.waitForWant('tree', (view) => view !== null && view.range === undefined);
  });

  it('show when and how long the slow requests took', async () => {
    const { page } = current.page;
    const { heat: data } = latencyOf();
    const slow = data.timesUs.findIndex((us) => us >= 115e6);
    await heat().focus();
    await page.keyboard.press('Home');
    for (let i = 0; i < slow; i++) await page.keyboard.press('ArrowRight');
    const p99 = (which: string) => Number(/p99 ([\d.]+) ms/.exec(which)![1]);
    const tip = await text('.latency .tip');
    assert.match(tip, /^\d\d:01:5\d – \d\d:01:5\d: \d+ requests/);
    assert.ok(p99(tip) > 30, tip);
    await page.keyboard.press('Home');
    assert.ok(p99(await text('.latency .tip')) < 60);
  });

  it('tell a time that was not traced from one without requests', async () => {
    const { page } = current;
    const { heat: data } = latencyOf();
    const gap = [120e6, 170e6] as const;
    const within = data.timesUs.map((us) => us >= gap[0] && us < gap[1]);
    const without = <T>(list: readonly T[], none: T) =>
      list.map((each, column) => (within[column] ? none : each));
    const counts = without(data.counts, []);
    const [p50Us, p90Us, p99Us, p999Us, maxUs] = (
      ['p50Us', 'p90Us', 'p99Us', 'p999Us', 'maxUs'] as const
    ).map((key) => without<number | null>(data[key], null)) as [
      (number | null)[],
      (number | null)[],
      (number | null)[],
      (number | null)[],
      (number | null)[],
    ];
    await page.send(statusOf({ startUnixMs: START_MS, gaps: [gap] }));
    const cut = { ...data, counts, p50Us, p90Us, p99Us, p999Us, maxUs };
    const unwatched = [[100e6, 125e6] as const, [170e6, 170e6] as const];
    await page.send(latencyOf({ heat: cut, unwatched }));
    await page.settled();
    assert.match((await heat().getAttribute('aria-label'))!, /Not traced: .*:02:00 – .*:02:50\./);
    const box = (await heat().boundingBox())!;
    const x = box.x + 66 + (145 / 240) * (box.width - 66 - 48);
    await page.page.mouse.move(x, box.y + 100);
    assert.match(await text('.latency .tip'), /^\d\d:02:00 – \d\d:02:50: not traced$/);
    // Nobody looked at this view from 1:40 on.
    await page.page.mouse.move(box.x + 66 + (110 / 240) * (box.width - 66 - 48), box.y + 100);
    const empty = await text('.latency .tip');
    assert.match(empty, /requests/, 'what is there is shown');
    await page.page.mouse.move(5, 5);
    for (const theme of ['dark', 'light']) {
      await applyTheme(page.page, theme);
      await page.settled();
      await page.page.screenshot({ path: join(results, `latency-gap-${theme}.png`) });
    }
  });

  it('survive hostile names, and are sorted by any column', async () => {
    const hostile = '<img src=x onerror=alert(1)>';
    const [first, ...rest] = latencyOf().rows;
    await current.page.send(
      latencyOf({ rows: [{ ...first!, name: hostile, key: hostile }, ...rest] }),
    );
    assert.equal(await row(hostile).count(), 1);
    await table().getByRole('button', { name: 'p99', exact: true }).click();
    const names = await table().locator('tbody .row-name').allInnerTexts();
    assert.equal(names[0], hostile);
    assert.equal(names.at(-1), '/api/orders/{id}/items');
  });

  for (const theme of Object.keys(themes)) {
    it(`look well and are accessible in ${theme}`, async () => {
      const { page } = current;
      await applyTheme(page.page, theme);
      await page.send(latencyOf());
      const box = (await heat().boundingBox())!;
      await page.page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.3);
      await page.settled();
      await page.page.screenshot({ path: join(results, `latency-${theme}.png`) });
      assert.deepEqual(await seriousViolations(page.page), []);
      await page.send(latencyOf({ range: [100e6, 130e6], watched: 0.31, lost: 12 }));
      await page.settled();
      await page.page.screenshot({ path: join(results, `latency-chosen-${theme}.png`) });
    });
  }

  it('are remembered as they were looked at', async () => {
    const { page, server } = current;
    await page.page.getByRole('combobox', { name: 'Rows' }).click();
    await page.page.getByRole('option', { name: 'By host' }).click();
    await waitFor('the page to keep the choice', () =>
      page.page.evaluate<boolean>(
        `JSON.parse(sessionStorage.getItem('state'))?.options.latency?.by === 'host'`,
      ),
    );
    await page.load(server);
    await page.waitForWant('latency', (wanted) => wanted?.by === 'host');
  });
});
