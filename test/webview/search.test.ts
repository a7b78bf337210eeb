import assert from 'node:assert/strict';
import { waitFor } from '../fixtures/wait';
import { gateway } from './stacks';
import { describePage } from './with-page';

describePage('search in the flame graph', (current) => {
  const field = () =>
    current.page.page.getByRole('textbox', { name: 'Search functions and files' });
  const result = () => current.page.page.locator('.search-result').innerText();
  const press = (key: string) => current.page.page.keyboard.press(key);
  const said = () => current.page.page.locator('[aria-live=polite]').last().innerText();

  async function shows(text: string | RegExp): Promise<void> {
    await waitFor(
      `the result ${String(text)}`,
      async () => {
        const shown = await result();
        return typeof text === 'string' ? shown === text : text.test(shown);
      },
      { timeoutMs: 3_000 },
    );
  }

  async function seek(text: string): Promise<void> {
    await current.page.graph.focus();
    await press('/');
    await current.page.page.keyboard.type(text);
  }

  it('counts what it finds once, nested or not', async () => {
    await seek('access');
    // access_by_lua holds Kong.access and access.
    await shows('71.0 % in 1 frame');
  });

  it('takes the text literally until it is told that it is a pattern', async () => {
    await seek('ngx.*phases');
    await shows('No match');
    await current.page.page.getByRole('button', { name: 'Use regular expression' }).click();
    await shows('93.0 % in 1 frame');
  });

  it('says what is wrong with a pattern', async () => {
    await current.page.page.getByRole('button', { name: 'Use regular expression' }).click();
    await seek('(');
    await shows(/^Not a regular expression: .*group/i);
  });

  it('minds the case when asked', async () => {
    await seek('kong.access');
    await shows('69.0 % in 1 frame');
    await current.page.page.getByRole('button', { name: 'Match case' }).click();
    await shows('No match');
  });

  it('finds functions by their file', async () => {
    await seek('jwt/handler');
    await shows('27.0 % in 1 frame');
  });

  it('goes from match to match and around', async () => {
    await seek('handler.lua');
    await shows('63.0 % in 2 frames');
    await press('Enter');
    await waitFor('the first match', async () => /^access, 36/.test(await said()));
    await current.page.graph.focus();
    await press('n');
    await waitFor('the second match', async () => /^verify, 27/.test(await said()));
    await press('n');
    await waitFor('the first match again', async () => /^access, 36/.test(await said()));
    await press('Shift+N');
    await waitFor('the second match again', async () => /^verify, 27/.test(await said()));
  });

  it('survives updates and finds functions that are new', async () => {
    await seek('handler.lua');
    await shows('63.0 % in 2 frames');
    await current.page.show([
      ...gateway,
      { frames: ['lua log@/opt/kong/plugins/log/handler.lua:9'], samples: 100 },
    ]);
    await shows('81.5 % in 3 frames');
  });

  it('dims what it has not found', async () => {
    const before = await pixelAt(0.5, 1);
    await seek('tcp_sendmsg');
    await shows('18.0 % in 1 frame');
    await current.page.settled();
    assert.notDeepEqual(await pixelAt(0.5, 1), before);
  });

  it('leaves only what it finds when asked, and shares stay shares of all', async () => {
    await seek('handler.lua');
    await current.page.page.getByRole('button', { name: 'Show only stacks that match' }).click();
    await shows('63.0 % in 2 frames, only these are shown');
    await current.page.settled();
    // 36 of the 63 samples that are left: the first frame in the row takes 57 % of the width.
    await current.page.hover(0.5, 6, true);
    assert.equal(await current.page.tooltipName(), 'access');
    await current.page.hover(0.99, 6, true);
    assert.equal(await current.page.tooltipName(), 'verify');
    assert.match(await current.page.page.locator('.tooltip').innerText(), /total.*27\.0 %/);
    await current.page.show([...gateway, { frames: ['kernel other'], samples: 100 }]);
    await shows('31.5 % in 2 frames, only these are shown');
  });

  it('is left with Esc, which clears it first', async () => {
    await seek('kong');
    await press('Escape');
    await waitFor('the field to be empty', async () => (await field().inputValue()) === '');
    await shows('');
    await press('Escape');
    const focused = await current.page.page.evaluate('document.activeElement.className');
    assert.equal(focused, 'graph-scroller');
  });

  it('shows the frames of one function when asked from the editor', async () => {
    // Ids are given in order of appearance: 1 main, 2 worker cycle, 3 phases, 4 access_by_lua, 5
    // Kong.access, 6 access.
    await current.page.send({ type: 'reveal', functionId: 6 });
    await shows('36.0 % in 1 frame');
    const selected = current.page.page.locator('[role=treeitem][aria-selected=true]');
    await waitFor('the selection', async () =>
      ((await selected.first().textContent()) ?? '').startsWith('access,'),
    );
  });

  async function pixelAt(part: number, row: number): Promise<unknown> {
    return current.page.page.evaluate(`(() => {
      const canvas = document.querySelector('canvas');
      const ratio = devicePixelRatio;
      const x = Math.floor(${part} * canvas.width);
      const y = Math.floor((${row} * 20 + 17) * ratio);
      return [...canvas.getContext('2d').getImageData(x, y, 1, 1).data];
    })()`);
  }
});
