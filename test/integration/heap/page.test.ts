import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { heapMessage } from '../../../extension/views/heap/message';
import { SourceList } from '../../../extension/views/heap/source-list';
import type { HeapMessage } from '../../../extension/page/heap';
import { knownHoldings } from '../../fixtures/heap/known';
import { reportOf, takeSnapshot } from '../../fixtures/heap/snapshot';
import { startHeapGateway } from '../../fixtures/heap/start';
import { repositoryRoot } from '../../fixtures/root';
import type { Nginx } from '../../native/nginx';
import { bundlePage, FlamePage, launchChromium, PageServer } from '../../webview/driver';
import { applyTheme } from '../../webview/themes';

const SCALE = 10;
const REQUESTS = 2000;
const results = join(repositoryRoot, 'test-results');

/** Bytes from what is shown: "3.7 MB". */
function bytesOf(text: string): number {
  const [, figure = '', unit = ''] = /^\+?([\d.]+) (B|KB|MB)$/.exec(text) ?? [];
  return Number(figure) * 1024 ** ['B', 'KB', 'MB'].indexOf(unit);
}

describe('the page of a real worker', function () {
  this.timeout(120_000);
  let nginx: Nginx;
  let browser: Browser;
  let server: PageServer;
  let page: FlamePage;
  let alone: HeapMessage;
  let compared: HeapMessage;

  const cells = async (name: string): Promise<string[]> => {
    const row = page.page.locator('tbody tr').filter({
      has: page.page.getByRole('button', { name, exact: true }),
    });
    return (await row.locator('th, td').allInnerTexts()).map((text) => text.trim());
  };
  const show = async (message: HeapMessage): Promise<void> => {
    await page.page.evaluate(`acupointTest.send(${JSON.stringify(message)})`);
    await page.settled();
  };

  before(async () => {
    mkdirSync(results, { recursive: true });
    nginx = await startHeapGateway(SCALE);
    const pid = nginx.workers()[0]!;
    const take = async (id: number) => {
      const snapshot = await takeSnapshot(pid);
      return { ...snapshot, id, takenAt: Date.now(), report: reportOf(snapshot) };
    };
    const first = await take(1);
    for (let i = 0; i < REQUESTS; i++) await nginx.load();
    const second = await take(2);
    const both = [first, second];
    const worker = `worker ${pid}`;
    const sources = new SourceList();
    const can = { cannotTake: '' };
    alone = { ...heapMessage(worker, [first], first, undefined, sources), ...can };
    compared = { ...heapMessage(worker, both, second, first, sources), ...can };
    [browser, server] = await Promise.all([launchChromium(), PageServer.start()]);
    const stub = await bundlePage('test/webview/page/stub.ts');
    page = await FlamePage.open(browser, server, stub, 'heap');
    const config = { type: 'config', swapClicks: false, inverted: true };
    await page.page.evaluate(`acupointTest.send(${JSON.stringify(config)})`);
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    await nginx?.stop();
  });

  it('shows what each plugin holds, within 5 %', async () => {
    await show(alone);
    for (const [plugin, known] of Object.entries(knownHoldings(SCALE))) {
      const [, kind, retained = ''] = await cells(plugin);
      assert.equal(kind, 'plugin');
      const ratio = bytesOf(retained) / known;
      assert.ok(Math.abs(ratio - 1) < 0.05, `${plugin}: ${retained}, not ${known}`);
    }
  });

  it('shows which plugin leaks, and in which table', async () => {
    await show(compared);
    const [first] = await page.page.locator('tbody .row-name').allInnerTexts();
    assert.equal(first, 'leak');
    const growth = bytesOf((await cells('leak'))[4] ?? '');
    // A table with two fields and a text of each request.
    assert.ok(growth > REQUESTS * 150, `${growth}`);
    await page.page.getByRole('button', { name: 'leak', exact: true }).click();
    await page.settled();
    const frames = await page.page.getByRole('treeitem').allInnerTexts();
    assert.ok(frames.length > 0 && frames.every((text) => /^(all|leak)/.test(text)), frames.join());
    assert.deepEqual([...page.errors, ...(await page.violations())], []);
  });

  for (const theme of ['dark', 'light']) {
    it(`is a picture in ${theme}`, async () => {
      await page.page.setViewportSize({ width: 1400, height: 900 });
      await applyTheme(page.page, theme);
      const shoot = (name: string) =>
        page.page.screenshot({ path: join(results, `heap-real-${theme}-${name}.png`) });
      await show({ ...alone, id: `${theme} alone` });
      if ((await page.page.locator('.focus-clear:visible').count()) > 0)
        await page.page.locator('.focus-clear').click();
      await page.settled();
      await shoot('alone');
      for (const table of ['Modules', 'Types', 'Functions', 'Largest objects']) {
        await page.page.getByRole('button', { name: table }).click();
        await page.settled();
        await shoot(table.toLowerCase().replace(' ', '-'));
      }
      await page.page.getByRole('button', { name: 'Owners' }).click();
      await show({ ...compared, id: `${theme} compared` });
      await shoot('compared');
      assert.deepEqual(page.errors, []);
    });
  }
});
