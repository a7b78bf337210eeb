/** How long requests took: over time, in percentiles, and by what they were for. */
import {
  LATENCY_KEYS,
  type LatencyKey,
  type LatencyOptions,
  type LatencyRow,
} from '../../../extension/page/latency';
import type { FocusedRow, LatencyMessage, TableKey } from '../../../extension/page/messages';
import type { RequestKind } from '../../../extension/profile/request-tables';
import { timeSpan } from '../../common/clock';
import { FocusChip } from '../../common/chip';
import { element, setText } from '../../common/dom';
import { type Gap, gapAt } from '../../common/gaps';
import { count, whole } from '../../common/format';
import { Grid } from '../../common/grid';
import { button, dropdown } from '../../common/toolkit';
import { gridText } from '../../common/grid-text';
import type { PaneHost, PaneView } from '../pane';
import { columnsOf } from './columns';
import { NOT_TRACED, NOT_WATCHED } from './draw';
import { Heat } from './heat';
import { HeatLegend } from './legend';
import { Percentiles, percentilesText } from './lines';
import { factsOf, KEY_WORDS, latency } from './words';

/** Requests of samples are told by these: all views can be narrowed by them. */
const EVERYWHERE: ReadonlySet<LatencyKey> = new Set(['uri', 'host', 'method']);
/** The name of rows that have no value of their key. */
const NOT_KNOWN = 'not known';

export class LatencyView implements PaneView<'latency'> {
  readonly root = element('section', {
    class: 'owners latency',
    attributes: { 'aria-label': 'Latency of requests' },
  });
  private readonly keys = dropdown(
    'Rows',
    LATENCY_KEYS.map((key) => [key, KEY_WORDS[key][1]]),
  );
  private readonly kinds = dropdown('Requests or subrequests', [
    ['requests', 'Requests'],
    ['subrequests', 'Subrequests'],
  ]);
  private readonly facts = element('p', { class: 'owner-facts', attributes: { role: 'status' } });
  private readonly hidden = element('p', { class: 'latency-hidden' });
  private readonly figures = new Percentiles(() => this.draw());
  private readonly heat: Heat;
  private readonly legend = new HeatLegend();
  private readonly nothing = element('p', { class: 'latency-nothing' });
  private readonly tip = element('div', {
    class: 'tip',
    attributes: { 'aria-hidden': 'true' },
  });
  private readonly chip: FocusChip;
  private readonly grid: Grid<LatencyRow>;
  private readonly note = element('p', { class: 'note', attributes: { role: 'status' } });
  private message: LatencyMessage | undefined;
  private gaps: readonly Gap[] = [];
  private options: LatencyOptions = { of: 'requests', by: 'uri', only: null };
  private focus: FocusedRow | null = null;
  private shownBy: LatencyKey | undefined;

  constructor(private readonly host: PaneHost<'latency'>) {
    this.keys.onChange(() => this.want({ by: this.keys.value as LatencyKey }));
    this.kinds.onChange(() => this.want({ of: this.kinds.value as RequestKind }));
    this.heat = new Heat({
      onChoose: (columns) => this.chooseTime(columns),
      onCursor: (column, row, at) => this.point(column, row, at),
    });
    this.chip = new FocusChip(
      () => this.want({ only: null }),
      'in this view: samples of the other views do not tell it',
      'all requests',
    );
    this.grid = new Grid({ onChoose: (row) => this.chooseRow(row) });
    const copy = button({
      label: 'Copy table',
      title: 'Copy the table as text, with tabs between its cells',
      onClick: () => this.copy(),
    });
    const attributes = { role: 'group', 'aria-label': 'Table' };
    const choose = element(
      'div',
      { class: 'group', attributes },
      this.kinds.root,
      this.keys.root,
      copy,
    );
    const bar = element('div', { class: 'owner-bar' }, choose, this.figures.root);
    const top = element('div', { class: 'latency-heat' }, this.heat.root, this.nothing);
    const texts = element('div', { class: 'latency-facts' }, this.facts, this.hidden);
    texts.append(this.legend.root);
    this.tip.hidden = true;
    this.root.append(bar, texts, this.chip.root, top, this.grid.root, this.note, this.tip);
  }

  isFilled(): boolean {
    return this.message !== undefined;
  }

  setOptions(options: LatencyOptions): void {
    this.options = options;
    this.keys.value = options.by;
    this.kinds.value = options.of;
  }

  /** Drawn with what comes next: a status and the focus follow. */
  setGaps(gaps: readonly Gap[]): void {
    this.gaps = gaps;
  }

  setFocus(focus: FocusedRow | null): void {
    this.focus = focus;
    this.draw();
  }

  readTheme(): void {
    this.heat.readTheme();
    this.draw();
  }

  show(message: LatencyMessage): void {
    this.message = message;
    this.draw();
  }

  private draw(): void {
    const { message } = this;
    if (message === undefined) return;
    const { heat, all, by, left, only, startUnixMs } = message;
    // Where there are none, there is nothing to choose.
    this.kinds.root.hidden = message.subrequests === 0 && message.of === 'requests';
    setText(this.facts, factsOf(message));
    setText(this.hidden, hiddenText(message));
    this.figures.update(all);
    this.legend.update(heat, this.heat.colours);
    this.chip.set(only && `Only ${KEY_WORDS[only.by][0].toLowerCase()} ${only.key}`);
    const empty = heat.timesUs.length === 0;
    this.heat.root.hidden = empty;
    this.nothing.hidden = !empty;
    setText(this.nothing, empty ? whyNothing(message) : '');
    this.heat.show({
      heat,
      startUnixMs,
      lines: this.figures.lines(heat),
      gaps: this.gaps,
      unwatched: message.unwatched,
      chosen: this.chosenColumns(message),
      label: describe(message, this.gaps),
    });
    this.grid.show(
      {
        caption: `Latency of requests, ${KEY_WORDS[by][1].toLowerCase()}`,
        columns: columnsOf(message),
        rows: message.rows,
        sortBy: 'share',
        weightOf: ({ sumUs }) => sumUs,
        canChoose: ({ key }) => key !== NOT_KNOWN,
        isChosen: (row) => this.isChosen(row),
        shareOf: ({ sumUs }) => sumUs / Math.max(1, all.sumUs),
      },
      this.shownBy === by,
    );
    this.shownBy = by;
    setText(this.note, left > 0 ? `${whole(left)} more, with less time, are not shown.` : '');
    this.note.hidden = left === 0;
  }

  private chosenColumns({ heat, range }: LatencyMessage): [number, number] | undefined {
    if (range === null || heat.timesUs.length === 0) return undefined;
    const at = (us: number): number => Math.round((us - heat.timesUs[0]!) / heat.columnUs);
    const last = heat.timesUs.length - 1;
    const from = Math.min(last, Math.max(0, at(range[0])));
    return [from, Math.max(from, Math.min(last, at(range[1]) - 1))];
  }

  /** The same time for all views: whole columns. */
  private chooseTime(columns: readonly [number, number] | null): void {
    const { message } = this;
    if (message === undefined) return;
    if (columns === null) {
      this.host.setRange(null);
      this.host.announce('All of the time is shown');
      return;
    }
    const { timesUs, columnUs } = message.heat;
    const fromUs = timesUs[columns[0]]!;
    const toUs = timesUs[columns[1]]! + columnUs;
    this.host.setRange([fromUs, toUs]);
    this.host.announce(`Only ${timeSpan(message.startUnixMs, fromUs, toUs)} is shown`);
  }

  /** A second click on the same takes the filter back. */
  private chooseRow(row: LatencyRow): void {
    const { message } = this;
    if (message === undefined) return;
    const { by } = message;
    const again = this.isChosen(row);
    if (EVERYWHERE.has(by)) {
      const focus = again ? null : { by: by as TableKey, key: row.key, kind: 'other' as const };
      this.host.post({ type: 'focus', focus });
    } else {
      this.want({ only: again ? null : { by, key: row.key } });
    }
    this.host.announce(again ? 'All requests are shown' : `Only ${row.name} is shown`);
  }

  private isChosen({ key }: LatencyRow): boolean {
    const { message, focus } = this;
    if (message === undefined) return false;
    const { by, only } = message;
    return (only?.by === by && only.key === key) || (focus?.by === by && focus.key === key);
  }

  private want(changes: Partial<LatencyOptions>): void {
    this.options = { ...this.options, ...changes };
    this.host.want(this.options);
  }

  private copy(): void {
    const { message } = this;
    if (message === undefined) return;
    this.host.post({ type: 'copy', text: gridText(columnsOf(message), message.rows) });
    this.host.announce('The table was copied.');
  }

  private point(column: number | undefined, row: number, at: DOMRect): void {
    const { message } = this;
    this.tip.hidden = column === undefined || message === undefined;
    if (column === undefined || message === undefined) return;
    const lines = cellTexts(message, this.gaps, column, row);
    this.tip.replaceChildren(...lines.map((text) => element('div', { text })));
    const left = Math.min(at.left + 14, innerWidth - this.tip.offsetWidth - 4);
    const top = Math.min(at.top + 14, innerHeight - this.tip.offsetHeight - 4);
    this.tip.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)`;
    // The keyboard is on no row: who uses it may not see the tooltip.
    if (row < 0) this.host.announce(lines.join(', '));
  }
}

/** When, how many in all, and where the pointer is on a cell, how many in it. */
function cellTexts(
  { heat, startUnixMs, unwatched }: LatencyMessage,
  gaps: readonly Gap[],
  column: number,
  row: number,
): string[] {
  const { timesUs, columnUs, counts, edgesUs } = heat;
  const held = counts[column] ?? [];
  const inColumn = held.reduce((sum, each) => sum + each, 0);
  const middle = timesUs[column]! + columnUs / 2;
  for (const [unknown, words] of [
    [gaps, NOT_TRACED],
    [unwatched, NOT_WATCHED],
  ] as const) {
    const gap = gapAt(unknown, middle);
    if (inColumn === 0 && gap !== undefined) return [`${timeSpan(startUnixMs, ...gap)}: ${words}`];
  }
  const cell =
    row < 0
      ? []
      : [
          `${latency(edgesUs[row]!)} – ${latency(edgesUs[row + 1]!)}: ${count(held[row] ?? 0, 'request')}`,
        ];
  const time = timeSpan(startUnixMs, timesUs[column]!, timesUs[column]! + columnUs);
  const lines = [...cell, `${time}: ${count(inColumn, 'request')}`];
  return inColumn === 0 ? lines : [...lines, percentilesText(heat, column)];
}

function hiddenText({ all }: LatencyMessage): string {
  if (all.count === 0 || all.hiddenUs <= 0) return '';
  const part = (100 * all.hiddenUs) / Math.max(1, all.sumUs);
  const text = part < 0.05 ? '< 0.1' : part.toFixed(1);
  return `${text} % of the latency is not in the access log`;
}

function whyNothing({ missing, on, watchedSeconds, range }: LatencyMessage): string {
  if (missing !== '') return `Requests cannot be watched. ${missing}`;
  if (range !== null) return 'No requests ended in the chosen time.';
  if (!on) return 'No requests were watched: they are while this is shown and the capture runs.';
  return watchedSeconds > 0
    ? 'No request has ended yet. The first that ends is shown here.'
    : 'Requests are about to be watched.';
}

function describe({ heat, all, startUnixMs }: LatencyMessage, gaps: readonly Gap[]): string {
  const { timesUs, columnUs } = heat;
  if (timesUs.length === 0) return 'Latency over time: nothing is known yet';
  const time = timeSpan(startUnixMs, timesUs[0]!, timesUs.at(-1)! + columnUs);
  return (
    `Latency over time, ${time}: ${count(all.count, 'request')}, half within ` +
    `${latency(all.p50Us)}, 99 % within ${latency(all.p99Us)}. ` +
    gaps.map((gap) => `Not traced: ${timeSpan(startUnixMs, ...gap)}. `).join('') +
    'Arrow keys move in time, with ' +
    'Shift they choose a time, Enter chooses one column, Escape all.'
  );
}
