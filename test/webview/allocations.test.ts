import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { FrameKind } from '../../extension/profile/frames';
import type { WatchedFacts } from '../../extension/page/messages';
import { repositoryRoot } from '../fixtures/root';
import { waitFor } from '../fixtures/wait';
import { statusOf } from './driver';
import { allocationReport } from './report';
import { gateway } from './stacks';
import { applyTheme } from './themes';
import { describePage } from './with-page';

const luaAndItsCalls = (1 << FrameKind.Kernel) | (1 << FrameKind.Native);
const results = join(repositoryRoot, 'test-results');

const facts: WatchedFacts = {
  measure: 'allocated',
  on: true,
  watchedMs: 320,
  elapsedMs: 60_100,
  value: 1.4 * 2 ** 20,
  lostValue: 0,
  samples: 812,
  perSecond: 4.4 * 2 ** 20,
  perRequest: 12.4 * 1024,
  missing: '',
};

describePage('allocations', (current) => {
  const button = (name: string) =>
    current.page.page.getByRole('toolbar').getByRole('button', { name }).first();
  const text = (selector: string) => current.page.page.locator(selector).innerText();
  const measured = () => current.page.waitForWant('tree', (view) => view?.measure === 'allocated');

  async function switchOver(changes: Partial<WatchedFacts> = {}): Promise<void> {
    await button('Allocations').click();
    await measured();
    await current.page.send(
      statusOf({ watched: { ...facts, ...changes }, instrumentsPercent: 0.31 }),
    );
  }

  before(() => mkdirSync(results, { recursive: true }));

  it('are a switch away, by button and by key, and the page remembers it', async () => {
    const { page, server } = current;
    const pressed = () => page.page.locator('.toolbar .pressed').allInnerTexts();
    assert.deepEqual(await pressed(), ['CPU', 'Graph']);
    await switchOver();
    assert.deepEqual(await pressed(), ['Allocations', 'Graph']);
    await waitFor('the page to keep it', () =>
      page.page.evaluate<boolean>(
        `JSON.parse(sessionStorage.getItem('state'))?.view.measure === 'allocated'`,
      ),
    );
    await page.load(server);
    assert.deepEqual(await measured(), {
      measure: 'allocated',
      windowSeconds: 0,
      hiddenKinds: luaAndItsCalls,
    });
    await page.page.keyboard.press('1');
    const view = await page.waitForWant('tree', (wanted) => wanted?.measure === 'cpu');
    assert.equal(view?.hiddenKinds, 0, 'each measure has a filter of its own');
  });

  it('are asked for by a command of the editor', async () => {
    await current.page.send({ type: 'layout', measure: 'allocated' });
    await measured();
  });

  it('say bytes wherever a weight is shown, and keep what is selected', async () => {
    const { page } = current;
    await page.graph.focus();
    for (const key of ['Home', 'ArrowDown', 'ArrowDown']) await page.page.keyboard.press(key);
    await page.settled();
    const selected = await page.graph.getAttribute('aria-activedescendant');
    await switchOver();
    await page.show(gateway, 'profile', 'allocated');
    assert.equal(await page.graph.getAttribute('aria-activedescendant'), selected);
    await page.hover(0.3, 1, true);
    const tooltip = await text('.tooltip');
    assert.match(tooltip, /allocated/);
    assert.match(tooltip, /\d (KB|MB)/);
    assert.doesNotMatch(tooltip, /on CPU|\d ms/);
    const legend = await page.page.locator('.legend').getAttribute('aria-label');
    assert.match(legend ?? '', /allocated bytes/);
  });

  it('say how much was watched, and what is an estimate', async () => {
    await switchOver();
    assert.equal(await text('.status .samples'), '1.4 MB seen in 0.32 of 60.1 s');
    assert.equal(await text('.status .estimate'), 'about 4.4 MB/s, 12.4 KB per request');
    assert.equal(await text('.status .cost'), 'overhead 0.64 % of a core · limit 1 %');
    const parts = await current.page.page.locator('.status .cost').getAttribute('title');
    assert.match(parts ?? '', /instruments 0\.31 %/);
    const { page } = current.page;
    assert.ok(await page.locator('.status .lua').isHidden(), 'quality is of CPU samples');
    assert.ok(await page.locator('.status .lost').isHidden());
    await current.page.send(statusOf({ watched: { ...facts, lostValue: 12_288 } }));
    assert.equal(await text('.status .lost'), '12.0 KB in no stack');
    await current.page.send(statusOf());
    assert.ok(await page.locator('.status .estimate').isHidden());
    assert.match(await text('.status .samples'), /samples/);
  });

  it('say how far each share may be off, and only a limit where that is all of it', async () => {
    const { page } = current;
    await switchOver();
    await page.send({ type: 'layout', layout: 'owners' });
    const off: Record<string, number | null> = { jwt: 1.2, prometheus: null, 'Kong PDK': 2.5 };
    const report = allocationReport();
    for (const entry of report.entries) {
      const error = off[entry.name];
      if (error !== undefined) entry.burstError = error;
    }
    await page.send(report);
    const table = page.page.getByRole('table', { name: /Allocated bytes/ });
    const share = (name: string) =>
      table.getByRole('row').filter({ hasText: name }).locator('td.share').innerText();
    assert.equal(await share('jwt'), '42.0 ±1.2 %');
    assert.equal(await share('prometheus'), '? %');
    assert.equal(await share('Kong PDK'), '< 4.5 %');
    for (const theme of ['dark', 'light'] as const) {
      await applyTheme(page.page, theme);
      await page.settled();
      const path = join(results, `allocations-errors-${theme}.png`);
      await page.page.screenshot({ path });
    }
  });

  it('say how far shares of frames and functions may be off', async () => {
    const { page } = current;
    await switchOver();
    await page.show(gateway, 'profile', 'allocated');
    await page.hover(0.3, 6, true);
    assert.match(await text('.tooltip'), /access[^]*% of all\s+total[^]*\? %[^]*self[^]*\? %/);
    await page.page.evaluate(`acupointTest.sendErrors(0.021, { increment: 0.9 })`);
    await page.hover(0.3, 6, true);
    await page.settled();
    assert.match(await text('.tooltip'), /total\s+351\.6 KB\s+36\s+36\.0 ±2\.1 %/);
    assert.match(await text('.tooltip'), /self\s+78\.1 KB\s+8\s+8\.0 ±2\.1 %/);
    await page.hover(0.3, 7, true);
    await page.settled();
    assert.match(await text('.tooltip'), /increment[^]*< 100\.0 %/, 'no share, but a limit');
    for (const theme of ['dark', 'light'] as const) {
      await applyTheme(page.page, theme);
      await page.settled();
      await page.page.screenshot({ path: join(results, `allocations-tooltip-${theme}.png`) });
    }
    await page.page.keyboard.press('t');
    const row = (name: string) =>
      page.page.locator('.functions tbody tr').filter({ hasText: name }).first();
    assert.match(await row('access').innerText(), /^8\.0 ±2\.1 %\s+36\.0 ±2\.1 %\s+access/);
    assert.match(await row('increment').innerText(), /^< \d+\.0 %/);
    assert.ok(await page.page.getByRole('columnheader', { name: '95 %' }).isHidden());
    for (const theme of ['dark', 'light'] as const) {
      await applyTheme(page.page, theme);
      await page.settled();
      await page.page.screenshot({ path: join(results, `allocations-functions-${theme}.png`) });
    }
    await page.show(gateway, 'profile', 'allocated');
    assert.match(await row('access').innerText(), /^\? %/, 'another tree has other errors');
  });

  it('keep to what is known where a search leaves a part of the stacks', async () => {
    const { page } = current;
    await switchOver();
    await page.show(gateway, 'profile', 'allocated');
    await page.page.evaluate(`acupointTest.sendErrors(0.021, {})`);
    const { root } = { root: page.page.getByRole('search') };
    await root.getByRole('textbox').fill('increment');
    await root.getByRole('button', { name: /only stacks that match/ }).click();
    await page.hover(0.3, 6, true);
    await page.settled();
    assert.match(await text('.tooltip'), /access[^]*total[^]*≈ \d/);
    await page.hover(0.3, 7, true);
    await page.settled();
    assert.match(await text('.tooltip'), /increment[^]*±2\.1 %/);
  });

  it('say why there are none', async () => {
    const { page } = current;
    const missing = 'Uprobes are locked down on this host.';
    await switchOver({ missing, samples: 0, value: 0 });
    await page.show([], 'profile', 'allocated');
    assert.match(await text('.placeholder'), /cannot be watched/);
    assert.match(await text('.placeholder'), /Uprobes are locked down on this host\./);
    await page.send(statusOf({ watched: { ...facts, samples: 0, value: 0, watchedMs: 0 } }));
    assert.match(await text('.placeholder'), /Waiting for the first allocated bytes/);
  });

  it('are told by plugin, in shares that add up and bytes for a request', async () => {
    const { page } = current;
    await switchOver();
    await page.send({ type: 'layout', layout: 'owners' });
    await page.send(allocationReport());
    const table = page.page.getByRole('table', { name: /Allocated bytes/ });
    const row = (name: string) => table.getByRole('row').filter({ hasText: name });
    const cells = await table.locator('tbody td.share').allInnerTexts();
    const tenths = cells.map((cell) =>
      cell.startsWith('<') ? 0 : Math.round(10 * parseFloat(cell)),
    );
    assert.equal(
      tenths.reduce((sum, value) => sum + value, 0),
      1000,
    );
    assert.match(await row('Sum').innerText(), /100\.0 %\s+≈ 12\.4 KB/);
    assert.match(await row('jwt').innerText(), /≈ 5\.2 KB/);
    const heads = await table.getByRole('columnheader').allInnerTexts();
    assert.ok(heads.includes('Bytes') && heads.includes('/ request'), heads.join());
    assert.ok(!heads.includes('GC'), heads.join());
    assert.match(
      await text('.plugins .owner-facts'),
      /9\.5 MB in 10,000 samples · 25,000 requests in bursts/,
    );
    const missing = { requests: null, perRequest: null, requestsMissing: 'Not counted.' };
    await page.send(allocationReport({ ...missing, perSecond: 2 ** 20 }));
    assert.match(await row('Sum').innerText(), /≈ 1\.0 MB/);
    assert.ok((await table.getByRole('columnheader').allInnerTexts()).includes('/ second'));
  });

  for (const theme of ['dark', 'light']) {
    it(`look well in ${theme}`, async () => {
      const { page } = current;
      await applyTheme(page.page, theme);
      await switchOver();
      await page.show(gateway, 'profile', 'allocated');
      await page.hover(0.3, 3, true);
      await page.settled();
      await page.page.screenshot({ path: join(results, `allocations-${theme}.png`) });
      await page.send({ type: 'layout', layout: 'owners' });
      await page.send(allocationReport());
      await page.settled();
      await page.page.screenshot({ path: join(results, `allocations-owners-${theme}.png`) });
    });
  }
});
