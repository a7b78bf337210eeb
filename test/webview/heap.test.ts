import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FromHeapPage, ToHeapPage } from '../../extension/page/heap';
import { repositoryRoot } from '../fixtures/root';
import { waitFor } from '../fixtures/wait';
import { seriousViolations } from './accessibility';
import type { FlamePage } from './driver';
import { heapOf, hostile } from './heap-report';
import { applyTheme, themes } from './themes';
import { describePageAt, icicle } from './with-page';

const results = join(repositoryRoot, 'test-results');

const sendTo = ({ page }: FlamePage, message: ToHeapPage) =>
  page.evaluate(`acupointTest.send(${JSON.stringify(message)})`);

async function showHeap(opened: FlamePage, compared: boolean): Promise<void> {
  await sendTo(opened, heapOf(compared));
  await opened.settled();
}

async function prepare(opened: FlamePage): Promise<void> {
  await applyTheme(opened.page, 'dark');
  await sendTo(opened, icicle);
  await showHeap(opened, false);
}

describePageAt('heap', 'heap snapshots', prepare, (current) => {
  const page = () => current.page.page;
  const send = (message: ToHeapPage) => sendTo(current.page, message);
  const said = <T extends FromHeapPage['type']>(type: T) =>
    waitFor(`the page to say "${type}"`, async () => {
      const sent = (await current.page.sent()) as unknown as FromHeapPage[];
      return sent.find((each): each is Extract<FromHeapPage, { type: T }> => each.type === type);
    });
  const table = () => page().getByRole('table');
  const row = (name: string) =>
    table()
      .getByRole('row')
      .filter({ has: page().getByText(name, { exact: true }) });
  const cells = async (name: string) =>
    (await row(name).first().locator('th, td').allInnerTexts()).map((text) => text.trim());
  const names = () => table().locator('tbody .row-name').allInnerTexts();
  const tab = (name: string) =>
    page().getByRole('group', { name: 'Table' }).getByRole('button', { name });
  const frames = () => page().getByRole('treeitem').allInnerTexts();
  const show = (compared: boolean) => showHeap(current.page, compared);

  before(() => mkdirSync(results, { recursive: true }));

  it('has rows that add up to what was found and to what the collector counts', async () => {
    const found = heapOf(false).facts.reachedBytes;
    const { rows } = heapOf(false).tables.owners;
    assert.equal(
      rows.reduce((sum, each) => sum + each.bytes, 0),
      found,
    );
    assert.deepEqual((await names()).slice(0, 2), ['caches', 'cdata']);
    assert.deepEqual(await cells('caches'), ['caches', 'plugin', '3.7 MB', '61.9 %', '39,000']);
    assert.match((await cells('Sum: all that was found')).join(' '), /6\.0 MB 100\.0 %/);
    assert.equal((await cells('Counted by the collector, found in no object'))[2], '9.8 KB');
    assert.equal((await cells('garbage (freed at the next GC)'))[2], '19.5 KB');
  });

  it('says when and how it was taken', async () => {
    const facts = () => page().locator('.heap-facts').innerText();
    assert.match(await facts(), /worker 1234 on root@edge-7/);
    assert.match(await facts(), /worker not paused: it slept \(12\.4 MB copied\)/);
    await show(true);
    assert.match(await facts(), /worker paused 3\.2 ms/);
  });

  it('has a table for each question, and says what is left out', async () => {
    await tab('Modules').click();
    assert.equal((await cells('kong.plugins.caches.handler'))[1], 'caches');
    await tab('Types').click();
    const hash = await cells('hash parts');
    assert.equal(hash.at(-1), '20 % in use, 93.8 KB empty');
    assert.equal((await cells('struct block')).at(-1), '12 with a finalizer');
    await tab('Functions').click();
    assert.match(await page().locator('.owner-bar .note').innerText(), /349 more/);
    await tab('Largest objects').click();
    assert.match(
      await row('upvalue cache (table)').first().innerText(),
      /registry › _LOADED › kong\.plugins\.caches\.handler › upvalue cache/,
    );
  });

  it('sorts by each column, and keeps parts below their row', async () => {
    await tab('Types').click();
    await table().getByRole('columnheader', { name: 'Count' }).getByRole('button').click();
    const sorted = await names();
    assert.equal(sorted.indexOf('array parts'), sorted.indexOf('table') + 1);
    assert.equal(sorted[0], 'table');
    await tab('Owners').click();
    await table().getByRole('columnheader', { name: 'Owner' }).getByRole('button').click();
    assert.deepEqual((await names()).slice(0, 2), ['caches', 'cdata']);
    const header = table().getByRole('columnheader', { name: 'Owner' });
    assert.equal(await header.getAttribute('aria-sort'), 'ascending');
  });

  it('leaves only an owner in the flame graph, by row, slice and keyboard', async () => {
    assert.ok((await frames()).some((text) => text.startsWith('cdata')));
    await row('caches').getByRole('button').click();
    await current.page.settled();
    assert.ok(!(await frames()).some((text) => text.startsWith('cdata')));
    // Shares stay those of all.
    assert.ok((await frames()).some((text) => /^caches, .*62\.\d %, 3\.7 MB$/.test(text)));
    assert.match(await page().locator('.focus-chip').innerText(), /Only caches/);
    await page().getByRole('button', { name: 'Remove the filter' }).click();
    assert.ok(await page().locator('.focus-bar').isHidden());
    await page().locator('path.slice').nth(1).click();
    assert.match(await page().locator('.focus-chip').innerText(), /Only cdata/);
    await page().locator('.owner-scroll').focus();
    for (const key of ['ArrowDown', 'Enter']) await page().keyboard.press(key);
    assert.match(await page().locator('.focus-chip').innerText(), /Only caches/);
  });

  it('opens sources from frames and rows', async () => {
    await current.page.forgetMessages();
    const { x, y } = await current.page.pointOf(0.2, 2, true);
    await page().mouse.click(x, y);
    const { source } = await said('source');
    assert.equal(heapOf(false).tree.frames.find((each) => each.source === source)?.kind, 3);
    assert.match(await current.page.tooltipName(), /kong\.plugins\.caches\.handler/);
    await current.page.forgetMessages();
    await tab('Functions').click();
    await row('/usr/kong/plugins/leak/handler.lua:12').getByRole('button').click();
    assert.ok((await said('source')).source >= 0);
  });

  it('says what has grown, and who holds it', async () => {
    await show(true);
    assert.deepEqual((await names()).slice(0, 1), ['leak']);
    const leak = await cells('leak');
    assert.deepEqual(leak.slice(0, 5), ['leak', 'plugin', '48.8 KB', '1.1 MB', '+1.0 MB']);
    const growth = await page().locator('.heap-growth').innerText();
    assert.match(
      growth,
      /Compared with #1, .*: \+1\.0 MB held; leak has grown most: \+1\.0 MB\. Garbage/,
    );
    const pie = page().getByRole('img', { name: /^What has grown by owner: leak 100/ });
    assert.equal(await pie.count(), 1);
    const legend = () => page().locator('.legend').innerText();
    assert.match((await legend()).replace(/\s+/g, ' '), /Doubled or more \(2x\) \d/);
    await row('leak').getByRole('button').click();
    await current.page.hover(0.5, 3, true);
    const tip = await page().locator('.tooltip').innerText();
    assert.match(tip, /kept \(table\)/);
    assert.match(tip, /came\s+% of all/);
  });

  it('is as wide as what has grown, or as all there is', async () => {
    await show(true);
    const grown = await frames();
    assert.ok(grown.some((text) => text.startsWith('leak')));
    assert.ok(!grown.some((text) => text.startsWith('caches')));
    await page().getByRole('combobox', { name: 'Widths' }).click();
    await page().getByRole('option', { name: 'all there is' }).click();
    await current.page.settled();
    assert.ok((await frames()).some((text) => text.startsWith('caches')));
    await current.page.hover(0.5, 0, true);
    const tip = await page().locator('.tooltip').innerText();
    assert.match(tip, /before\s+6\.0 MB\s+growth\s+\+1\.0 MB/);
  });

  it('tells of a frame what came less what went, as the table does', async () => {
    const message = heapOf(true);
    const { tree, tables } = message;
    // Half of what the leak held at first has gone, below what has grown.
    const kept = tree.frames.findIndex(({ name }) => name === 'kept (table)');
    const gone = tree.places.length;
    tree.parents.push(tree.places.indexOf(kept));
    tree.places.push(tree.frames.push({ ...tree.frames[kept]!, name: 'gone (table)' }) - 1);
    tree.bytes.push(0);
    tree.before!.push(500_000);
    assert.equal(tree.parents.length, gone + 1);
    const leak = tables.owners.rows.find(({ name }) => name === 'leak')!;
    leak.before! += 500_000;
    await sendTo(current.page, { ...message, id: 'gone' });
    assert.equal((await cells('leak'))[4], '+550.8 KB');
    await current.page.settled();
    await current.page.hover(0.5, 1, true);
    const tip = await page().locator('.tooltip').innerText();
    assert.match(tip, /total\s+1\.0 MB[^]*growth\s+\+550\.8 KB/);
    const drawn = await frames();
    assert.ok(!drawn.some((text) => text.includes('gone')));
  });

  it('asks for another snapshot, other pairs and the text', async () => {
    await current.page.forgetMessages();
    await page().getByRole('button', { name: 'Take another and compare' }).click();
    assert.equal((await said('action')).action, 'compare');
    await show(true);
    await page().getByRole('combobox', { name: 'Compared with' }).click();
    await page().getByRole('option', { name: 'Not compared' }).click();
    assert.deepEqual(await said('choose'), { type: 'choose', shown: 2, compared: null });
    await current.page.forgetMessages();
    await page().getByRole('button', { name: 'Open as text' }).click();
    assert.equal((await said('action')).action, 'text');
    await send({ ...heapOf(true), cannotTake: 'The trace has ended.' });
    const over = page().locator('vscode-button[disabled][title="The trace has ended."]');
    assert.equal(await over.count(), 2);
  });

  it('comes back as it was', async () => {
    await tab('Modules').click();
    await page().getByRole('button', { name: 'Tables alone' }).click();
    await waitFor('the page to keep its state', () =>
      page().evaluate<boolean>(`JSON.parse(sessionStorage.getItem('state'))?.layout === 'tables'`),
    );
    await current.page.load(current.server, 'heap');
    await show(false);
    assert.ok((await names()).includes('kong.router'));
    assert.ok(await current.page.graph.isHidden());
  });

  it('shows hostile names as text', async () => {
    assert.ok((await frames()).every((text) => !text.includes('undefined')));
    await page().keyboard.press('/');
    await page().keyboard.type('onerror');
    await page().keyboard.press('Enter');
    await current.page.settled();
    assert.ok((await frames()).some((text) => text.startsWith(hostile)));
    assert.equal(await page().locator('img').count(), 0);
  });

  for (const theme of Object.keys(themes)) {
    for (const compared of [false, true]) {
      it(`is accessible in ${theme}, ${compared ? 'compared' : 'alone'}`, async () => {
        await applyTheme(page(), theme);
        await show(compared);
        await row(compared ? 'leak' : 'caches')
          .getByRole('button')
          .click();
        await current.page.settled();
        const name = `heap-${theme}${compared ? '-compared' : ''}.png`;
        await page().screenshot({ path: join(results, name) });
        assert.deepEqual(await seriousViolations(page()), []);
      });
    }
  }

  it('fits a narrow column', async () => {
    await page().setViewportSize({ width: 540, height: 800 });
    await show(true);
    await page().screenshot({ path: join(results, 'heap-narrow.png') });
    const sideways = await page().evaluate('document.documentElement.scrollWidth > innerWidth');
    assert.equal(sideways, false);
  });
});
