/** Keys and mouse, on request. */
import { element } from '../common/dom';
import { button } from '../common/toolkit';
import { textOf, type Key } from './keys';

const ROWS = (swapped: boolean): [string, string][] => [
  ['Click', swapped ? 'zoom into the frame' : 'select the frame and open its Lua source'],
  ['Double click', swapped ? 'open its Lua source' : 'zoom into the frame'],
  ['Alt+click', 'open the source to the side'],
  ['Wheel, pinch, + and −', 'zoom around the pointer or the selection'],
  ['Sideways wheel, drag', 'move sideways'],
  ['Shift+wheel, Page Up and Down', 'scroll'],
  ['Arrow keys', 'walk to the frames before, behind and beside'],
  ['Home, End', 'zoomed frame; its hottest leaf'],
  ['Enter', 'open the source; Shift+Enter or Alt+Enter to the side'],
  ['z', 'zoom into the selected frame'],
  ['Esc', 'one step out: zoom, then search, then selection'],
  ['Ctrl+C', 'copy the frame; Ctrl+Shift+C its whole stack'],
];

export class Help {
  readonly root = element('dialog', {
    class: 'help',
    attributes: { 'aria-label': 'Keys and mouse' },
  });

  constructor(
    private readonly swapped: () => boolean,
    /** Of the page, those of its graph included. */
    private readonly keys: readonly Key[],
    /** How the graph is to be read. */
    private readonly note: () => string,
  ) {}

  toggle(): void {
    if (this.root.open) return this.root.close();
    const ofPage = this.keys.map((key) => [textOf(key), key.help] as const);
    const rows = [...ROWS(this.swapped()), ...ofPage].map(([keys, what]) =>
      element('tr', {}, element('th', { text: keys }), element('td', { text: what })),
    );
    const close = button({ label: 'Close', title: 'Close', onClick: () => this.root.close() });
    this.root.replaceChildren(
      element('h2', { text: 'Keys and mouse' }),
      element('table', {}, element('tbody', {}, ...rows)),
      element('p', { text: this.note() }),
      close,
    );
    this.root.showModal();
  }
}
