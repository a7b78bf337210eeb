import assert from 'node:assert/strict';
import { waitFor } from '../fixtures/wait';
import { statusOf } from './driver';
import { gateway } from './stacks';
import { describePage, icicle } from './with-page';

/** Rows of the small gateway's profile, and where in the width a frame of each stands. */
const ACCESS = { part: 0.3, row: 6 };
const KONG = { part: 0.3, row: 5 };

describePage('flame-graph page', (current) => {
  async function hoverName(part: number, row: number, inverted = true): Promise<string> {
    await current.page.hover(part, row, inverted);
    return current.page.tooltipName();
  }

  async function clickAt(
    where: { part: number; row: number },
    options: { modifiers?: 'Alt'[]; clickCount?: number } = {},
  ): Promise<void> {
    const { x, y } = await current.page.pointOf(where.part, where.row, true);
    if (options.modifiers?.includes('Alt')) await current.page.page.keyboard.down('Alt');
    await current.page.page.mouse.click(x, y, { clickCount: options.clickCount ?? 1 });
    if (options.modifiers?.includes('Alt')) await current.page.page.keyboard.up('Alt');
  }

  const crumbs = (): Promise<string> => current.page.page.locator('nav.breadcrumb').innerText();
  const live = (): Promise<string> =>
    current.page.page.locator('[aria-live=polite]').last().innerText();

  async function isZoomed(name: string): Promise<void> {
    await waitFor(`the zoom to ${name}`, async () => (await crumbs()).includes(`${name} ·`));
  }

  async function isWhole(): Promise<void> {
    await current.page.page.locator('nav.breadcrumb').waitFor({ state: 'hidden' });
  }

  it('says what a frame is and costs', async () => {
    assert.equal(await hoverName(ACCESS.part, ACCESS.row), 'access');
    const text = await current.page.page.locator('.tooltip').innerText();
    assert.match(text, /rate-limiting\/handler\.lua:42/);
    assert.match(text, /Lua, interpreted · spawned: its caller here is the coroutine/);
    assert.match(text, /total\s+360 ms\s+36\s+36\.0 %/);
    assert.match(text, /self\s+80 ms\s+8\s+8\.0 %/);
  });

  it('says what its compiler calls a native function, and what is approximate', async () => {
    assert.equal(await hoverName(0.99, 4), 'pagespeed::Filter::run');
    const tooltip = current.page.page.locator('.tooltip');
    assert.match(await tooltip.innerText(), /_ZN9pagespeed6Filter3runEv/);
    assert.equal(await hoverName(ACCESS.part, ACCESS.row + 1), 'increment');
    assert.match(
      await tooltip.innerText(),
      /JIT-compiled · approximate: the line may be a few off \(JIT\) · inlined into a JIT trace/,
    );
    assert.doesNotMatch(await tooltip.innerText(), /_ZN/);
  });

  it('stands on its root, or hangs from it', async () => {
    assert.equal(await hoverName(0.5, 0), 'all');
    await current.page.graph.focus();
    await current.page.page.keyboard.press('i');
    await current.page.settled();
    assert.equal(await hoverName(KONG.part, KONG.row, false), 'Kong.access');
  });

  it('opens the source of a Lua frame at a click, and keeps the keyboard', async () => {
    await current.page.graph.focus();
    await clickAt(ACCESS);
    const open = await current.page.waitForMessage('open');
    assert.deepEqual([open.line, open.toSide], [42, false]);
    assert.equal(
      await current.page.page.evaluate('document.activeElement.className'),
      'graph-scroller',
    );
    await current.page.forgetMessages();
    await clickAt(ACCESS, { modifiers: ['Alt'] });
    assert.equal((await current.page.waitForMessage('open')).toSide, true);
  });

  it('opens nothing for a frame without a source', async () => {
    await clickAt({ part: 0.85, row: 5 });
    await current.page.settled();
    assert.ok((await current.page.sent()).every(({ type }) => type !== 'open'));
  });

  it('zooms at a double click, and opens no source', async () => {
    await clickAt(ACCESS, { clickCount: 2 });
    await isZoomed('access');
    const opened = (await current.page.sent()).filter(({ type }) => type === 'open');
    assert.equal(opened.length, 0);
    await hoverName(0.3, 6);
    const text = await current.page.page.locator('.tooltip').innerText();
    assert.match(text, /% of zoomed/);
    assert.match(text, /36\.0 %\s+27\.3–45\.8\s+100\.0 %/);
  });

  it('swaps click and double click', async () => {
    await current.page.send({ ...icicle, swapClicks: true });
    await clickAt(ACCESS, { clickCount: 1 });
    await isZoomed('access');
    assert.ok((await current.page.sent()).every(({ type }) => type !== 'open'));
    await clickAt({ ...ACCESS, part: 0.5 }, { clickCount: 2 });
    const open = await current.page.waitForMessage('open');
    assert.equal(open.line, 42);
  });

  it('zooms with the wheel around the pointer, and with Esc and 0 steps out', async () => {
    await current.page.hover(ACCESS.part, ACCESS.row, true);
    for (let i = 0; i < 6; i++) await current.page.page.mouse.wheel(0, -240);
    await isZoomed('increment');
    await current.page.graph.focus();
    await current.page.page.keyboard.press('0');
    await isWhole();
    await clickAt(ACCESS, { clickCount: 2 });
    await isZoomed('access');
    await current.page.page.keyboard.press('Escape');
    await isZoomed('Kong.access');
    await current.page.page.keyboard.press('0');
    await isWhole();
  });

  it('walks from frame to frame with the arrow keys', async () => {
    await current.page.graph.focus();
    for (const key of ['Home', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown']) {
      await current.page.page.keyboard.press(key);
    }
    assert.match(await live(), /^Kong\.access, 69\.0 % total, 0\.0 % self, Lua, JIT-compiled/);
    await current.page.page.keyboard.press('ArrowDown');
    assert.match(await live(), /^access, 36\.0 % total/);
    await current.page.page.keyboard.press('ArrowRight');
    assert.match(await live(), /^verify, 27\.0 % total/);
    await current.page.page.keyboard.press('ArrowLeft');
    await current.page.page.keyboard.press('ArrowUp');
    assert.match(await live(), /^Kong\.access/);
    await current.page.page.keyboard.press('Enter');
    const open = await current.page.waitForMessage('open');
    assert.deepEqual([open.line, open.toSide], [1220, false]);
    await current.page.forgetMessages();
    await current.page.page.keyboard.press('Shift+Enter');
    assert.equal((await current.page.waitForMessage('open')).toSide, true);
    await current.page.page.keyboard.press('z');
    await isZoomed('Kong.access');
  });

  it('keeps zoom, selection, hover and orientation while trees come', async () => {
    await clickAt(ACCESS, { clickCount: 2 });
    await isZoomed('access');
    await current.page.hover(0.2, 7, true);
    const hovered = await current.page.tooltipName();
    const grown = [...gateway, { frames: ['kernel aaa_first'], samples: 100 }];
    await current.page.show(grown);
    assert.match(await crumbs(), /access · 18\.0 %/);
    assert.equal(await current.page.tooltipName(), hovered);
    const selected = current.page.page.locator('[role=treeitem][aria-selected=true]');
    assert.match((await selected.textContent()) ?? '', /^access, .*18\.0 %/);
    await current.page.show([{ frames: ['kernel only'], samples: 1 }]);
    assert.match(await crumbs(), /has no samples now/);
    await current.page.show(grown);
    await isZoomed('access');
  });

  it('comes back as it was after it was hidden', async () => {
    await clickAt(ACCESS, { clickCount: 2 });
    await isZoomed('access');
    await waitFor('the state to be kept', () =>
      current.page.page.evaluate<boolean>(
        "(sessionStorage.getItem('state') ?? '').includes('zoom\":[[')",
      ),
    );
    await current.page.load(current.server);
    await current.page.send(icicle);
    await current.page.send(statusOf());
    await current.page.show(gateway);
    await isZoomed('access');
  });

  it('forgets its zoom where the profile is another', async () => {
    await clickAt(ACCESS, { clickCount: 2 });
    await isZoomed('access');
    await current.page.show(gateway, 'another');
    await isWhole();
  });

  it('answers a tree only when it was painted', async () => {
    const painted = (await current.page.sent()).filter(({ type }) => type === 'painted');
    assert.equal(painted.length, 1);
    const inside = await current.page.page.evaluate<boolean>(
      `(() => { const before = acupointTest.sent.length; acupointTest.sendStacks([]);
        return acupointTest.sent.slice(before).some(({ type }) => type === 'painted'); })()`,
    );
    assert.equal(inside, false);
    await current.page.waitForMessage('painted', ({ revision }) => revision === 2);
  });
});
