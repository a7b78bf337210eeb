import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../fixtures/root';
import { seriousViolations } from './accessibility';
import { errorsOf } from './errors-report';
import { applyTheme, themes } from './themes';
import { describePage } from './with-page';

const results = join(repositoryRoot, 'test-results');

describePage('what goes wrong', (current) => {
  const table = (name: RegExp) => current.page.page.getByRole('table', { name });
  const text = (selector: string) => current.page.page.locator(selector).innerText();
  const rowsOf = async (name: RegExp) =>
    (await table(name).locator('tbody tr').allInnerTexts()).map((row) => row.replace(/\s+/g, ' '));

  before(() => mkdirSync(results, { recursive: true }));
  beforeEach(async () => {
    await current.page.page.keyboard.press('e');
    await current.page.waitForWant('errors');
    await current.page.send(errorsOf());
    await current.page.settled();
  });

  it('is shown by line, with who caught it and a rate', async () => {
    assert.match(
      await text('.errors .owner-facts'),
      /^1,207 exceptions, 2 uncaught · 89 requests ended by Lua · 43 log lines · since the watch/,
    );
    const thrown = await rowsOf(/^Exceptions/);
    assert.match(
      thrown[0]!,
      /^handler\.lua:88: attempt .* from runloop\/plugins_iterator\.lua:41 acl\/handler\.lua:88 yes 1,204 16\.4\/s ▁▂▄█$/,
    );
    assert.match(thrown[1]!, /^\(table\) content_by_lua\(nginx\.conf:12\):3 no 2 – █/);
    assert.match(thrown[2]!, /unknown 1 – ?$/);
    const ended = await rowsOf(/^Responses/);
    assert.match(
      ended[0]!,
      /^403 from acl\/handler\.lua:97 pdk\/response\.lua:650 88 3\.0\/s ███$/,
    );
    assert.match(ended[1]!, /^closed \[tail call\] 1 –/);
    const log = await rowsOf(/^Lines of the error log/);
    assert.match(log[1]!, /^warn upstream server temporarily disabled 3 0\.6\/s █$/);
  });

  it('opens the source of a line', async () => {
    await table(/^Responses/)
      .locator('tbody tr')
      .first()
      .getByRole('button')
      .click();
    const { chunk, line } = await current.page.waitForMessage('open-chunk');
    assert.deepEqual([chunk, line], [2, 650]);
    const gone = table(/^Exceptions/).getByText('no file for this one');
    assert.equal(await gone.getAttribute('class'), 'row-name');
  });

  it('says that only bursts are watched, and what is in no row', async () => {
    await current.page.send(errorsOf({ watchedMs: 2000, lost: 1200 }));
    assert.match(
      await text('.errors .owner-facts'),
      /seen in bursts, in 2\.0 of 20\.0 s of workers, .* · 1,200 in no row/,
    );
    assert.match((await rowsOf(/^Exceptions/))[0]!, / ≈ 16\.4\/s /);
  });

  it('says why nothing is known', async () => {
    const nothing = { exceptions: [], responses: [], log: [] };
    await current.page.send(errorsOf({ ...nothing, missing: 'This worker is no nginx.' }));
    assert.match(await text('.errors-nothing'), /watched\. This worker is no nginx\./);
    await current.page.send(errorsOf({ ...nothing, on: false }));
    assert.match(await text('.errors-nothing'), /was not watched/);
    await current.page.send(errorsOf(nothing));
    assert.match(await text('.errors-main'), /No exception was thrown\./);
    await current.page.send(errorsOf({ missing: 'It is not known which line ends a request.' }));
    assert.match(await text('.errors-hint'), /which line ends a request/);
  });

  for (const theme of Object.keys(themes)) {
    it(`looks well and is accessible in ${theme}`, async () => {
      const { page } = current;
      await applyTheme(page.page, theme);
      await page.settled();
      await page.page.screenshot({ path: join(results, `errors-${theme}.png`) });
      assert.deepEqual(await seriousViolations(page.page), []);
    });
  }
});
