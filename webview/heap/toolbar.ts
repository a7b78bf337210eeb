/** Buttons of the page of heap snapshots. */
import { element } from '../common/dom';
import { rove } from '../common/roving';
import { button, dropdown, setDisabled, setPressed } from '../common/toolkit';
import { keyButton, TURN_TITLE } from '../graph/key-button';
import { type BoundKey, type GraphKey, withKey } from '../graph/keys';
import type { HeapKey } from './keys';
import type { HeapAction, HeapMessage, HeapPageState } from '../../extension/page/heap';

export interface ToolbarEvents {
  onAction(action: HeapAction): void;
  onChoose(shown: number, compared: number | null): void;
  onLayout(layout: HeapPageState['layout']): void;
  onWidths(widths: HeapPageState['widths']): void;
}

const LAYOUTS: Record<HeapPageState['layout'], [label: string, title: string]> = {
  tables: ['Tables', 'Tables alone'],
  graph: ['Graph', 'Flame graph alone'],
  both: ['Both', 'Both: tables above the flame graph'],
};

const COMPARE_TITLE = 'Take another snapshot and show what has grown since this one';

/** Not '': a list that has just been made has that for its value, and would choose it. */
const ALONE = 'none';

export class HeapToolbar {
  readonly root = element('div', {
    class: 'toolbar',
    attributes: { role: 'toolbar', 'aria-label': 'Snapshots and view' },
  });
  private readonly take: HTMLElement;
  private readonly compare: HTMLElement;
  private readonly turn: HTMLElement;
  private readonly choices = group('Which snapshots');
  private readonly widths = group('Widths of the flame graph');
  private readonly layouts: [HeapPageState['layout'], HTMLElement][];
  private shown = '';

  constructor(
    private readonly events: ToolbarEvents,
    private readonly keys: Readonly<Record<HeapKey | GraphKey, BoundKey>>,
    search: HTMLElement,
  ) {
    const act = (label: string, title: string, action: HeapAction, primary = false): HTMLElement =>
      button({ label, title, primary, onClick: () => events.onAction(action) });
    this.compare = act('Take another and compare', COMPARE_TITLE, 'compare', true);
    this.take = act('Take another', 'Take another snapshot of this worker', 'take');
    const quiet = (label: string, title: string, onClick: () => void): HTMLElement =>
      button({ label, title, quiet: true, onClick });
    const text = act('Open as text', 'The same as a text, to be kept or sent', 'text');
    const cpu = act('CPU', 'Flame graph of CPU time', 'flames');
    this.turn = keyButton('⇅', TURN_TITLE, keys.turn);
    this.layouts = (['tables', 'graph', 'both'] as const).map((layout) => [
      layout,
      layout === 'both'
        ? keyButton(...LAYOUTS[layout], keys.both)
        : quiet(...LAYOUTS[layout], () => events.onLayout(layout)),
    ]);
    const help = keyButton('?', 'Keys and mouse', keys.help);
    const layouts = this.layouts.map(([, made]) => made);
    const how = group('How it is shown', ...layouts, this.turn, help);
    const take = group('Snapshots', this.compare, this.take, text, cpu);
    this.root.append(take, this.choices, this.widths, how, search);
    rove(this.root);
  }

  update(message: HeapMessage, { layout, widths }: HeapPageState): void {
    setDisabled(this.take, message.cannotTake !== '');
    setDisabled(this.compare, message.cannotTake !== '');
    const why = message.cannotTake;
    this.take.title = why || 'Take another snapshot of this worker';
    this.compare.title = why || withKey(COMPARE_TITLE, this.keys.compare);
    this.setLayout(layout);
    const { snapshots, shown, compared } = message;
    const key = JSON.stringify([snapshots, shown, compared, widths]);
    // Made again only where it differs: a list that is open would close.
    if (key === this.shown) return;
    this.shown = key;
    this.choices.hidden = snapshots.length < 2;
    this.choices.replaceChildren(...this.choicesOf(message));
    this.widths.hidden = compared === null;
    const options = [
      ['now', 'Widths: all there is'],
      ['growth', 'Widths: what has grown'],
    ] as const;
    const choice = dropdown('Widths of the flame graph', options, widths);
    choice.onChange(() => this.events.onWidths(choice.value as HeapPageState['widths']));
    this.widths.replaceChildren(choice.root);
  }

  setLayout(layout: HeapPageState['layout']): void {
    for (const [name, made] of this.layouts) setPressed(made, name === layout);
    this.turn.hidden = layout === 'tables';
  }

  private choicesOf({ snapshots, shown, compared }: HeapMessage): HTMLElement[] {
    const all = snapshots.map(({ id, text }) => [String(id), text] as const).reverse();
    const place = snapshots.findIndex(({ id }) => id === shown);
    const earlier = snapshots
      .slice(0, Math.max(0, place))
      .map(({ id, text }) => [String(id), `since ${text}`] as const)
      .reverse();
    const first = dropdown('Snapshot', all, String(shown));
    first.onChange(() => {
      const chosen = Number(first.value);
      this.events.onChoose(chosen, chosen === shown ? compared : null);
    });
    if (earlier.length === 0) return [first.root];
    const options = [[ALONE, 'Not compared'] as const, ...earlier];
    const second = dropdown('Compared with', options, compared === null ? ALONE : String(compared));
    second.onChange(() =>
      this.events.onChoose(shown, second.value === ALONE ? null : Number(second.value)),
    );
    return [first.root, second.root];
  }
}

function group(label: string, ...children: HTMLElement[]): HTMLElement {
  const attributes = { role: 'group', 'aria-label': label };
  return element('div', { class: 'group', attributes }, ...children);
}
