import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../fixtures/root';
import { seriousViolations } from './accessibility';
import { loopOf } from './loop-report';
import { applyTheme, themes } from './themes';
import { describePage } from './with-page';

const results = join(repositoryRoot, 'test-results');

describePage('the event loop', (current) => {
  const table = (name: RegExp) => current.page.page.getByRole('table', { name });
  const text = (selector: string) => current.page.page.locator(selector).innerText();

  before(() => mkdirSync(results, { recursive: true }));
  beforeEach(async () => {
    await current.page.page.keyboard.press('v');
    await current.page.waitForWant('loop');
    await current.page.send(loopOf());
    await current.page.settled();
  });

  it('is told in percentiles', async () => {
    assert.match(
      await text('.loop .owner-facts'),
      /^84,211 iterations · p50 0\.084 ms · p99 0\.910 ms · p99\.9 2\.4 ms · max 1\.43 s · 3 stalls of 10\.0 ms or more/,
    );
  });

  it('draws the longest iteration of each second, with the threshold', async () => {
    const strip = current.page.page.locator('.loop-strip');
    assert.equal(await strip.locator('rect').count(), 60);
    assert.equal(await strip.locator('rect.stall').count(), 3);
    assert.equal(await strip.locator('line.threshold').count(), 1);
    assert.match((await strip.getAttribute('aria-label'))!, /in 3 of 60 stretches/);
    const bars = await strip.locator('rect').all();
    const heights = await Promise.all(
      bars.map(async (bar) => Number(await bar.getAttribute('height'))),
    );
    assert.equal(heights.indexOf(Math.max(...heights)), 47);
  });

  it('lists stalls whose culprit can be opened', async () => {
    const row = table(/^Stalls/)
      .locator('tbody tr')
      .filter({ hasText: 'read_config' });
    const words = (await row.innerText()).replace(/\s+/g, ' ');
    assert.match(words, /^read_config acme\/handler\.lua:88 18\.0 % encode .* 82\.0 % 48\.2 ms/);
    await row.getByRole('button').click();
    const { chunk, line } = await current.page.waitForMessage('open-chunk');
    assert.deepEqual([chunk, line], [0, 88]);
    assert.match(await table(/^Stalls/).innerText(), /≥ 12\.4 ms/);
  });

  it('shows workers side by side', async () => {
    const rows = await table(/^Workers/)
      .locator('tbody tr')
      .allInnerTexts();
    assert.match(rows[1]!.replace(/\s+/g, ' '), /^1234 62\.4 % 1\.2 %/);
    assert.match(rows[0]!.replace(/\s+/g, ' '), /^1235 91\.0 % 0\.0 %/);
  });

  it('says what is not known, and why', async () => {
    await current.page.send(loopOf({ watched: 0.25, lost: 7 }));
    assert.match(await text('.loop-notes'), /counted in 25\.0 % of the time, in bursts\./);
    assert.match(await text('.loop-notes'), /7 reports of the probe were lost/);
    const none = { count: 0, p50Us: 0, p99Us: 0, p999Us: 0, maxUs: 0 };
    const nothing = { iterations: none, stalls: [], stallCount: 0 };
    await current.page.send(loopOf({ ...nothing, missing: 'This is no nginx.' }));
    assert.match(await text('.loop-nothing'), /cannot be watched\. This is no nginx\./);
    await current.page.send(loopOf({ ...nothing, on: false }));
    assert.match(await text('.loop-nothing'), /was not watched/);
    await current.page.send(loopOf({ stalls: [], stallCount: 0 }));
    assert.match(await text('.loop-main'), /No iteration took 10\.0 ms or more\./);
  });

  for (const theme of Object.keys(themes)) {
    it(`looks well and is accessible in ${theme}`, async () => {
      const { page } = current;
      await applyTheme(page.page, theme);
      await page.settled();
      await page.page.screenshot({ path: join(results, `loop-${theme}.png`) });
      assert.deepEqual(await seriousViolations(page.page), []);
    });
  }
});
