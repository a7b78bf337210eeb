import assert from 'node:assert/strict';
import { waitFor } from '../fixtures/wait';
import type { LayoutMessage } from '../../extension/page/messages';
import { type FlamePage, statusOf } from './driver';
import { heapOf } from './heap-report';
import { gateway } from './stacks';
import { type Current, describePage, describePageAt, icicle } from './with-page';

/** "Next match (n)" */
const NAMED = /^(.*) \(([^()]+)\)$/;

/** As a keyboard has them; the page shows "Shift+N". */
const pressable = (key: string): string => key.replace(/^Shift\+/, '');

/** Of those with keys, and of them those that are not pressed: a click changes something. */
async function titlesOf({ page }: FlamePage): Promise<{ all: string[]; free: string[] }> {
  const found = await page.evaluate<[title: string, pressed: string | null][]>(
    `[...document.querySelectorAll('.toolbar vscode-button')]
      .filter((each) => each.checkVisibility())
      .map((each) => [each.title, each.getAttribute('aria-pressed')])`,
  );
  const all = found.filter(([title]) => NAMED.test(title));
  const titles = (some: typeof all) => some.map(([title]) => title);
  return { all: titles(all), free: titles(all.filter(([, pressed]) => pressed !== 'true')) };
}

/**
 * Resolves with what a user can see of what has been done, and what the page says and keeps of it,
 * once it has written down what it keeps.
 */
async function effectOf({ page }: FlamePage): Promise<string> {
  return page.evaluate<string>(`new Promise((done) => setTimeout(done, 60)).then(() => JSON.stringify([
    acupointTest.sent.filter(({ type }) => type !== 'painted'),
    sessionStorage.getItem('state'),
    document.querySelector('dialog[open]') !== null,
    [...document.querySelectorAll('[aria-pressed=true]')].map((each) => each.title),
  ]))`);
}

/** The effect of `act` on a page that has just been opened, once there is one. */
async function tried(
  what: string,
  { page, server }: Current,
  path: string,
  prepare: (page: FlamePage) => Promise<void>,
  act: () => Promise<void>,
  isDone: (effect: string) => boolean,
): Promise<string> {
  await page.page.evaluate('sessionStorage.clear()');
  await page.load(server, path);
  await prepare(page);
  await page.forgetMessages();
  const before = await effectOf(page);
  await act();
  return waitFor(`an effect of ${what}`, async () => {
    const effect = await effectOf(page);
    return effect !== before && isDone(effect) ? effect : undefined;
  });
}

/** @param states of the page, in one of which at least each button is not pressed. */
async function namesKeysThatWork(
  current: Current,
  path: string,
  states: readonly ((page: FlamePage) => Promise<void>)[],
  least: number,
): Promise<void> {
  const { page } = current;
  const tested = new Set<string>();
  const keysSeen = new Map<string, string>();
  for (const prepare of states) {
    await page.page.evaluate('sessionStorage.clear()');
    await page.load(current.server, path);
    await prepare(page);
    const { all, free } = await titlesOf(page);
    for (const title of all) keysSeen.set(title, NAMED.exec(title)![2]!);
    for (const title of free.filter((each) => !tested.has(each))) {
      tested.add(title);
      const key = pressable(keysSeen.get(title)!);
      const click = () =>
        page.page.getByRole('toolbar').getByTitle(title, { exact: true }).first().click();
      const clicked = await tried(title, current, path, prepare, click, () => true);
      const press = () => page.page.keyboard.press(key);
      await tried(`the key of "${title}"`, current, path, prepare, press, (e) => e === clicked);
    }
  }
  assert.deepEqual([...tested].sort(), [...keysSeen.keys()].sort());
  assert.ok(tested.size >= least, [...tested].join('; '));
  const keys = [...keysSeen.values()];
  assert.equal(new Set(keys).size, keys.length, keys.join());
  await page.load(current.server, path);
  await page.page.keyboard.press('?');
  const help = page.page.getByRole('dialog', { name: 'Keys and mouse' });
  const rows = await help.locator('th').allInnerTexts();
  for (const key of keys) assert.ok(rows.includes(key), `${key} is not in the help`);
}

/** With something to go from match to match of, and without the focus in the field. */
async function searched(page: FlamePage): Promise<void> {
  await page.page.keyboard.press('/');
  await page.page.keyboard.type('a');
  await page.page.keyboard.press('Tab');
}

describePage('keys of the page of a capture', (current) => {
  it('are those that the tooltips of its buttons name, and stand in the help', async () => {
    const shown = (layout: LayoutMessage) => async (page: FlamePage) => {
      await page.send(icicle);
      await page.send(statusOf());
      await page.show(gateway);
      await page.send(layout);
      await searched(page);
    };
    const states = [
      shown({ type: 'layout', layout: 'both' }),
      shown({ type: 'layout', layout: 'graph', measure: 'allocated' }),
    ];
    await namesKeysThatWork(current, '', states, 10);
  });

  it('say in the search field how to get there', async () => {
    const field = current.page.page.getByRole('textbox', { name: 'Search functions and files' });
    const key = /\((.)\)/.exec((await field.getAttribute('placeholder')) ?? '')![1]!;
    await current.page.page.keyboard.press(key);
    await current.page.page.keyboard.type('increment');
    assert.equal(await field.inputValue(), 'increment');
  });
});

describePageAt(
  'heap',
  'keys of the page of heap snapshots',
  async () => undefined,
  (current) => {
    it('are those that the tooltips of its buttons name, and stand in the help', async () => {
      const prepare = async ({ page }: FlamePage): Promise<void> => {
        const messages = [icicle, heapOf(false)];
        await page.evaluate(`${JSON.stringify(messages)}.forEach(acupointTest.send)`);
        await page.getByTitle('Flame graph alone').click();
        await searched(current.page);
      };
      await namesKeysThatWork(current, 'heap', [prepare], 5);
    });
  },
);
