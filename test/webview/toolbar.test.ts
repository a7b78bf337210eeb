import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../fixtures/root';
import { waitFor } from '../fixtures/wait';
import { seriousViolations } from './accessibility';
import { statusOf } from './driver';
import { gateway } from './stacks';
import { applyTheme } from './themes';
import { describePage } from './with-page';

const results = join(repositoryRoot, 'test-results');

describePage('toolbar', (current) => {
  const toolbar = () => current.page.page.getByRole('toolbar');
  const width = (wide: number) => current.page.page.setViewportSize({ width: wide, height: 700 });
  const button = (name: string) => toolbar().getByRole('button', { name, exact: true });

  /** Tops of all controls that can be seen, as far as they stand apart. */
  const rows = () =>
    current.page.page.evaluate<number>(`(() => {
      const middles = [...document.querySelectorAll(
        '.toolbar vscode-button, .toolbar vscode-dropdown, .toolbar vscode-text-field')]
        .filter((each) => each.checkVisibility())
        .map((each) => each.getBoundingClientRect())
        .map(({ top, height }) => top + height / 2)
        .sort((a, b) => a - b);
      return middles.filter((middle, i) => i === 0 || middle - middles[i - 1] > 12).length;
    })()`);

  /** The title or label of the element that has the keyboard. */
  const focused = () =>
    current.page.page.evaluate<string>(
      `document.activeElement.title || document.activeElement.getAttribute('aria-label') ||
       document.activeElement.tagName`,
    );

  before(() => mkdirSync(results, { recursive: true }));

  it('takes two rows at most, at any width, with all of it in reach', async () => {
    for (const wide of [520, 545, 640, 760, 1000, 1179, 1181, 1280, 1600]) {
      await width(wide);
      for (const [layout, measure] of [
        ['graph', 'cpu'],
        ['graph', 'allocated'],
        ['both', 'offcpu'],
        ['graph', 'waiting'],
        ['graph', 'exceptions'],
        ['loop', 'loop.stalls'],
        ['owners', 'allocated'],
        ['memory', 'cpu'],
      ] as const) {
        await current.page.send({ type: 'layout', layout, measure });
        await current.page.settled();
        assert.ok(
          (await rows()) <= 2,
          `${layout} of ${measure} at ${wide} px takes ${await rows()} rows`,
        );
        const cut = await current.page.page.evaluate(
          'document.documentElement.scrollWidth > innerWidth',
        );
        assert.equal(cut, false, `${layout} of ${measure} at ${wide} px is cut`);
      }
    }
  });

  it('has lists and a menu in place of buttons where it is narrow', async () => {
    const { page } = current;
    await width(545);
    await toolbar().getByRole('combobox', { name: 'View' }).click();
    await page.page.getByRole('option', { name: 'Memory' }).click();
    await page.waitForWant('memory');
    await toolbar().getByRole('combobox', { name: 'View' }).click();
    await page.page.getByRole('option', { name: 'Graph' }).click();
    await toolbar().getByRole('combobox', { name: 'Measure' }).click();
    await page.page.getByRole('option', { name: 'Allocations' }).click();
    await page.waitForWant('tree', (view) => view?.measure === 'allocated');
    assert.ok(await button('Export…').isHidden());
    const more = button('More actions');
    await more.click();
    assert.equal(await page.page.locator('.overflow-more').getAttribute('aria-expanded'), 'true');
    for (const theme of ['dark', 'light'] as const) {
      await applyTheme(page.page, theme);
      await page.settled();
      await page.page.screenshot({ path: join(results, `toolbar-545-${theme}.png`) });
      assert.deepEqual(await seriousViolations(page.page), []);
    }
    await button('Export…').click();
    assert.equal((await page.waitForMessage('control')).action, 'export');
    assert.ok(await button('Export…').isHidden());
    await more.click();
    await page.page.keyboard.press('Escape');
    assert.ok(await button('Export…').isHidden());
    assert.equal(await focused(), 'More actions');
    await width(1280);
    assert.ok(await button('Export…').isVisible());
    assert.ok(await more.isHidden());
  });

  it('is one stop of the Tab key, and arrow keys go through it', async () => {
    const { page } = current.page;
    await button('Pause').focus();
    await page.keyboard.press('ArrowRight');
    assert.match(await focused(), /^Stop the capture/);
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowRight');
    assert.match(await focused(), /^Pause/);
    await page.keyboard.press('ArrowLeft');
    assert.match(await focused(), /^Next match/);
    await page.keyboard.press('Home');
    const stops: string[] = [];
    for (let i = 0; i < 8; i++) {
      await page.keyboard.press('Tab');
      stops.push(await focused());
      if (stops.at(-1) === 'Flame graph') break;
    }
    assert.ok(stops.length <= 4 && stops.at(-1) === 'Flame graph', stops.join(', '));
  });

  it('keeps its stop where controls come and go', async () => {
    const { page } = current.page;
    await button('Stop').focus();
    await current.page.send(statusOf({ state: 'stopped' }));
    await waitFor('a stop', () =>
      page.evaluate<boolean>(
        `(() => {
          const stops = [...document.querySelectorAll('.toolbar vscode-button, .toolbar vscode-dropdown')]
            .map((each) => each.shadowRoot.querySelector('button.control') ?? each)
            .filter((each) => each.tabIndex === 0);
          return stops.length === 1 && stops[0].checkVisibility();
        })()`,
      ),
    );
  });

  it('leaves the keyboard to the graph when the page opens', async () => {
    const { page, server } = current;
    await page.load(server);
    await page.send(statusOf());
    await page.show(gateway);
    await waitFor('the graph to have it', async () => (await focused()) === 'Flame graph');
    await page.page.keyboard.press('ArrowDown');
    await page.page.locator('.tooltip').waitFor({ state: 'visible' });
  });
});
