import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../fixtures/root';
import { seriousViolations } from './accessibility';
import { jitOf } from './jit-report';
import { applyTheme, themes } from './themes';
import { describePage } from './with-page';

const results = join(repositoryRoot, 'test-results');

describePage("LuaJIT's compiler", (current) => {
  const table = (name: RegExp) => current.page.page.getByRole('table', { name });
  const text = (selector: string) => current.page.page.locator(selector).innerText();

  before(() => mkdirSync(results, { recursive: true }));
  beforeEach(async () => {
    await current.page.page.keyboard.press('j');
    await current.page.waitForWant('jit');
    await current.page.send(jitOf());
    await current.page.settled();
  });

  it('is told by VM, with what may go wrong', async () => {
    assert.match(
      await text('.jit .owner-facts'),
      /^2 VMs · 8,452 traces · 1,346 aborts · 2 blacklisted · 9 flushes/,
    );
    const rows = await table(/^VMs/).locator('tbody tr').allInnerTexts();
    assert.match(rows[0]!.replace(/\s+/g, ' '), /^1235 7,640 8,000 37\.5 MB 40\.0 MB 93\.8 % 9 4/);
    assert.match(await text('.jit-hints'), /Worker 1235: all traces were thrown away/);
    assert.match(await text('.jit-hints'), /Worker 1235: machine code takes 90 % or more/);
  });

  it('gives up for reasons that it explains, on lines that can be opened', async () => {
    const first = table(/^Aborts/)
      .locator('tbody tr')
      .first();
    const words = (await first.innerText()).replace(/\s+/g, ' ');
    assert.match(words, /^NYI: bytecode An instruction .* jwt\/handler\.lua:88 1,204$/);
    await first.getByRole('button').click();
    const { chunk, line } = await current.page.waitForMessage('open-chunk');
    assert.deepEqual([chunk, line], [0, 88]);
    const gone = table(/not compiled any more/).getByText('[collected function]');
    assert.equal(await gone.getAttribute('class'), 'row-name');
  });

  it('says why nothing is known', async () => {
    const nothing = { vms: [], aborts: [], blacklisted: [] };
    await current.page.send(jitOf({ ...nothing, missing: 'This worker has no LuaJIT.' }));
    assert.match(await text('.jit-nothing'), /cannot be watched\. This worker has no LuaJIT\./);
    await current.page.send(jitOf({ ...nothing, on: false }));
    assert.match(await text('.jit-nothing'), /was not watched/);
    await current.page.send(jitOf({ aborts: [] }));
    assert.match(await text('.jit-main'), /has given up on nothing/);
  });

  it('makes room for what a measure counts', async () => {
    await current.page.page.keyboard.press('3');
    await current.page.waitForWant('tree', (view) => view?.measure === 'offcpu');
    await current.page.waitForWant('jit', (options) => options === null);
    assert.equal(await current.page.page.locator('.jit').isVisible(), false);
    // The one that is chosen already as well.
    await current.page.page.keyboard.press('j');
    await current.page.page.keyboard.press('3');
    await current.page.waitForWant('jit', (options) => options === null);
  });

  for (const theme of Object.keys(themes)) {
    it(`looks well and is accessible in ${theme}`, async () => {
      const { page } = current;
      await applyTheme(page.page, theme);
      await page.settled();
      await page.page.screenshot({ path: join(results, `jit-${theme}.png`) });
      assert.deepEqual(await seriousViolations(page.page), []);
    });
  }
});
