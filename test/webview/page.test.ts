import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { waitFor } from '../fixtures/wait';
import { bundlePage, FlamePage, launchChromium, PageServer, statusOf } from './driver';
import type { PageBundle } from './driver';
import { gateway } from './stacks';

const icicle = { type: 'config', swapClicks: false, inverted: true } as const;
/** Rows of the small gateway's profile, and where in the width a frame of each stands. */
const ACCESS = { part: 0.3, row: 6 };
const KONG = { part: 0.3, row: 5 };

describe('flame-graph page', function () {
  this.timeout(60_000);
  let browser: Browser;
  let server: PageServer;
  let stub: PageBundle;
  let page: FlamePage;

  before(async () => {
    [browser, server, stub] = await Promise.all([
      launchChromium(),
      PageServer.start(),
      bundlePage('test/webview/page/stub.ts'),
    ]);
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  beforeEach(async () => {
    page = await FlamePage.open(browser, server, stub);
    await page.send(icicle);
    await page.send(statusOf());
    await page.show(gateway);
  });

  afterEach(async () => {
    const violations = await page.violations();
    await page.close();
    assert.deepEqual(violations, []);
  });

  async function hoverName(part: number, row: number, inverted = true): Promise<string> {
    await page.hover(part, row, inverted);
    return page.tooltipName();
  }

  async function clickAt(
    where: { part: number; row: number },
    options: { modifiers?: 'Alt'[]; clickCount?: number } = {},
  ): Promise<void> {
    const { x, y } = await page.pointOf(where.part, where.row, true);
    if (options.modifiers?.includes('Alt')) await page.page.keyboard.down('Alt');
    await page.page.mouse.click(x, y, { clickCount: options.clickCount ?? 1 });
    if (options.modifiers?.includes('Alt')) await page.page.keyboard.up('Alt');
  }

  const crumbs = (): Promise<string> => page.page.locator('nav.breadcrumb').innerText();
  const live = (): Promise<string> => page.page.locator('[aria-live=polite]').last().innerText();

  async function isZoomed(name: string): Promise<void> {
    await waitFor(`the zoom to ${name}`, async () => (await crumbs()).includes(`${name} ·`));
  }

  async function isWhole(): Promise<void> {
    await page.page.locator('nav.breadcrumb').waitFor({ state: 'hidden' });
  }

  it('says what a frame is and costs', async () => {
    assert.equal(await hoverName(ACCESS.part, ACCESS.row), 'access');
    const text = await page.page.locator('.tooltip').innerText();
    assert.match(text, /rate-limiting\/handler\.lua:42/);
    assert.match(text, /Lua, interpreted/);
    assert.match(text, /total\s+360 ms\s+36\s+36\.0 %/);
    assert.match(text, /self\s+80 ms\s+8\s+8\.0 %/);
  });

  it('stands on its root, or hangs from it', async () => {
    assert.equal(await hoverName(0.5, 0), 'all');
    await page.graph.focus();
    await page.page.keyboard.press('i');
    await page.settled();
    assert.equal(await hoverName(KONG.part, KONG.row, false), 'Kong.access');
  });

  it('opens the source of a Lua frame at a click, and keeps the keyboard', async () => {
    await page.graph.focus();
    await clickAt(ACCESS);
    const open = await page.waitForMessage('open');
    assert.deepEqual([open.line, open.toSide], [42, false]);
    assert.equal(await page.page.evaluate('document.activeElement.className'), 'graph-scroller');
    await page.forgetMessages();
    await clickAt(ACCESS, { modifiers: ['Alt'] });
    assert.equal((await page.waitForMessage('open')).toSide, true);
  });

  it('opens nothing for a frame without a source', async () => {
    await clickAt({ part: 0.85, row: 5 });
    await page.settled();
    assert.ok((await page.sent()).every(({ type }) => type !== 'open'));
  });

  it('zooms at a double click, and opens the source only once', async () => {
    await clickAt(ACCESS, { clickCount: 2 });
    await isZoomed('access');
    const opened = (await page.sent()).filter(({ type }) => type === 'open');
    assert.equal(opened.length, 1);
    await hoverName(0.3, 6);
    const text = await page.page.locator('.tooltip').innerText();
    assert.match(text, /% of zoomed/);
    assert.match(text, /36\.0 %\s+100\.0 %/);
  });

  it('swaps click and double click', async () => {
    await page.send({ ...icicle, swapClicks: true });
    await clickAt(ACCESS, { clickCount: 2 });
    await isZoomed('access');
    const open = await page.waitForMessage('open');
    assert.equal(open.line, 42);
  });

  it('zooms with the wheel around the pointer, and with Esc and 0 steps out', async () => {
    await page.hover(ACCESS.part, ACCESS.row, true);
    for (let i = 0; i < 6; i++) await page.page.mouse.wheel(0, -240);
    await isZoomed('increment');
    await page.graph.focus();
    await page.page.keyboard.press('0');
    await isWhole();
    await clickAt(ACCESS, { clickCount: 2 });
    await isZoomed('access');
    await page.page.keyboard.press('Escape');
    await isZoomed('Kong.access');
    await page.page.keyboard.press('0');
    await isWhole();
  });

  it('walks from frame to frame with the arrow keys', async () => {
    await page.graph.focus();
    for (const key of ['Home', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown']) {
      await page.page.keyboard.press(key);
    }
    assert.match(await live(), /^Kong\.access, 69\.0 % total, 0\.0 % self, Lua, JIT-compiled/);
    await page.page.keyboard.press('ArrowDown');
    assert.match(await live(), /^access, 36\.0 % total/);
    await page.page.keyboard.press('ArrowRight');
    assert.match(await live(), /^verify, 27\.0 % total/);
    await page.page.keyboard.press('ArrowLeft');
    await page.page.keyboard.press('ArrowUp');
    assert.match(await live(), /^Kong\.access/);
    await page.page.keyboard.press('Enter');
    const open = await page.waitForMessage('open');
    assert.deepEqual([open.line, open.toSide], [1220, false]);
    await page.forgetMessages();
    await page.page.keyboard.press('Shift+Enter');
    assert.equal((await page.waitForMessage('open')).toSide, true);
    await page.page.keyboard.press('z');
    await isZoomed('Kong.access');
  });

  it('keeps zoom, selection, hover and orientation while trees come', async () => {
    await clickAt(ACCESS, { clickCount: 2 });
    await isZoomed('access');
    await page.hover(0.2, 7, true);
    const hovered = await page.tooltipName();
    const grown = [...gateway, { frames: ['kernel aaa_first'], samples: 100 }];
    await page.show(grown);
    assert.match(await crumbs(), /access · 18\.0 %/);
    assert.equal(await page.tooltipName(), hovered);
    const selected = page.page.locator('[role=treeitem][aria-selected=true]');
    assert.match((await selected.textContent()) ?? '', /^access, .*18\.0 %/);
    await page.show([{ frames: ['kernel only'], samples: 1 }]);
    assert.match(await crumbs(), /has no samples now/);
    await page.show(grown);
    await isZoomed('access');
  });

  it('comes back as it was after it was hidden', async () => {
    await clickAt(ACCESS, { clickCount: 2 });
    await isZoomed('access');
    await waitFor('the state to be kept', () =>
      page.page.evaluate<boolean>("(sessionStorage.getItem('state') ?? '').includes('zoom\":[[')"),
    );
    await page.load(server);
    await page.send(icicle);
    await page.send(statusOf());
    await page.show(gateway);
    await isZoomed('access');
  });

  it('forgets its zoom where the profile is another', async () => {
    await clickAt(ACCESS, { clickCount: 2 });
    await isZoomed('access');
    await page.show(gateway, 'another');
    await isWhole();
  });

  it('answers a tree only when it was painted', async () => {
    const painted = (await page.sent()).filter(({ type }) => type === 'painted');
    assert.equal(painted.length, 1);
    const inside = await page.page.evaluate<boolean>(
      `(() => { const before = acupointTest.sent.length; acupointTest.sendStacks([]);
        return acupointTest.sent.slice(before).some(({ type }) => type === 'painted'); })()`,
    );
    assert.equal(inside, false);
    await page.waitForMessage('painted', ({ revision }) => revision === 2);
  });
});
