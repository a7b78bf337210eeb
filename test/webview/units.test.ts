import assert from 'node:assert/strict';
import { describePage } from './with-page';
import { gateway } from './stacks';

describePage('what weights are', (current) => {
  const tooltip = () => current.page.page.locator('.tooltip table').innerText();
  const heads = async () => (await tooltip()).split('\n')[0]!.trim().split('\t');

  it('is on-CPU time, and how many samples', async () => {
    await current.page.hover(0.5, 0, true);
    assert.deepEqual(await heads(), ['on CPU', 'samples', '% of all', '95 %']);
    assert.match(await tooltip(), /total\s+[\d.,]+ m?s\s/);
  });

  it('is bytes where the tree is of bytes, in each part of the page', async () => {
    const { page } = current;
    await page.page.getByRole('button', { name: 'Both' }).click();
    await page.show(gateway, 'other', 'allocated');
    await page.hover(0.5, 0, true);
    assert.equal((await heads())[0], 'allocated');
    assert.match(await tooltip(), /total\s+[\d.]+ [KM]B\s/);
    assert.match(await page.page.locator('.tooltip-kind').innerText(), /All allocations/);
    await page.page.getByRole('table', { name: 'Functions by allocated bytes' }).waitFor();
    await page.page.getByRole('list', { name: 'Share of allocated bytes' }).waitFor();
    await page.graph.focus();
    await page.page.keyboard.press('Home');
    const spoken = await page.page.locator('[role=treeitem]').first().innerText();
    assert.match(spoken, /\d [KM]B$/);
  });

  it('is bytes without samples where nothing is sampled', async () => {
    await current.page.show(gateway, 'other', 'held');
    await current.page.hover(0.5, 0, true);
    assert.deepEqual(await heads(), ['retained', '% of all']);
  });
});
