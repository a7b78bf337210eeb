/** The event loop: its longest iterations over time, their distribution, and each stall. */
import type { LoopMessage } from '../../../extension/page/messages';
import { element, setText } from '../../common/dom';
import { count, percent, whole } from '../../common/format';
import { Grid } from '../../common/grid';
import type { PaneHost, PaneView } from '../pane';
import {
  length,
  othersOf,
  stallColumns,
  type StallRow,
  WORKER_COLUMNS,
  type WorkerRow,
} from './columns';
import { Strip } from './strip';

export class LoopView implements PaneView<'loop'> {
  readonly root = element('section', {
    class: 'owners loop',
    attributes: { 'aria-label': 'The event loop' },
  });
  private readonly facts = element('p', { class: 'owner-facts', attributes: { role: 'status' } });
  private readonly notes = element('p', { class: 'loop-notes' });
  private readonly nothing = element('p', { class: 'loop-nothing' });
  private readonly strip = new Strip();
  private readonly stalls: Grid<StallRow>;
  private readonly noStalls = element('p', { class: 'loop-none' });
  private readonly workers = new Grid<WorkerRow>({ onChoose: () => undefined });
  private readonly main: HTMLElement;
  private message: LoopMessage | undefined;

  constructor(private readonly host: PaneHost<'loop'>) {
    this.stalls = new Grid({ onChoose: (row, toSide) => this.open(row, toSide) });
    const tables = element(
      'div',
      { class: 'loop-tables' },
      part('Stalls', this.stalls.root, this.noStalls),
      part('Workers', this.workers.root),
    );
    this.main = element('div', { class: 'loop-main' }, this.strip.root, tables);
    const bar = element('div', { class: 'owner-bar' }, this.facts);
    this.root.append(bar, this.notes, this.nothing, this.main);
  }

  isFilled(): boolean {
    return this.message !== undefined;
  }

  show(message: LoopMessage): void {
    this.message = message;
    const { iterations, stalls, stallCount, workers, startUnixMs, stallUs } = message;
    const empty = iterations.count === 0 && stalls.length === 0;
    this.nothing.hidden = !empty;
    this.main.hidden = empty;
    setText(this.nothing, empty ? whyNothing(message) : '');
    setText(this.facts, empty ? '' : factsOf(message));
    setText(this.notes, empty ? '' : notesOf(message));
    this.notes.hidden = this.notes.textContent === '';
    this.strip.show(message);
    const most = Math.max(stallUs, ...stalls.map(({ lengthUs }) => lengthUs));
    this.stalls.root.hidden = stalls.length === 0;
    this.stalls.show(
      {
        caption: 'Stalls and their culprits',
        columns: stallColumns(startUnixMs),
        rows: stalls.map((stall) => ({
          ...stall,
          key: `${stall.pid} ${stall.timeUs}`,
          name: `${stall.culprits[0]?.name ?? ''} ${stall.culprits[0]?.place ?? ''}`,
        })),
        sortBy: 'time',
        weightOf: ({ lengthUs }) => lengthUs,
        canChoose: ({ culprits }) => (culprits[0]?.chunk ?? -1) >= 0,
        isChosen: null,
        shareOf: ({ lengthUs }) => lengthUs / most,
        detailOf: othersOf,
      },
      true,
    );
    const left = stallCount - stalls.length;
    const none = `No iteration took ${length(stallUs)} or more.`;
    setText(this.noStalls, stallCount === 0 ? none : `${whole(left)} shorter ones are not shown.`);
    this.noStalls.hidden = stallCount > 0 && left === 0;
    this.workers.root.hidden = workers.length === 0;
    this.workers.show(
      {
        caption: 'Workers',
        columns: WORKER_COLUMNS,
        rows: workers.map((worker) => ({
          ...worker,
          key: String(worker.pid),
          name: String(worker.pid),
        })),
        sortBy: 'share',
        weightOf: ({ idle }) => idle,
        canChoose: () => false,
        isChosen: null,
        shareOf: ({ idle }) => idle,
      },
      true,
    );
  }

  private open({ culprits: [culprit] }: StallRow, toSide: boolean): void {
    if (culprit === undefined) return;
    const { chunk, line } = culprit;
    this.host.post({ type: 'open-chunk', chunk, line, toSide });
  }
}

function part(title: string, ...children: HTMLElement[]): HTMLElement {
  return element('section', { class: 'loop-part' }, element('h2', { text: title }), ...children);
}

function factsOf({ iterations, stallCount, stalledUs, stallUs, on }: LoopMessage): string {
  const { count: all, p50Us, p99Us, p999Us, maxUs } = iterations;
  return [
    count(all, 'iteration'),
    `p50 ${length(p50Us)}`,
    `p99 ${length(p99Us)}`,
    `p99.9 ${length(p999Us)}`,
    `max ${length(maxUs)}`,
    `${count(stallCount, 'stall')} of ${length(stallUs)} or more, ${length(stalledUs)} together`,
    on ? 'since the watch began' : 'not being watched now',
  ].join(' · ');
}

function notesOf({ watched, lost, missing }: LoopMessage): string {
  return [
    ...(watched !== null && watched < 1
      ? [
          `Iterations were counted in ${percent(watched, 1)} of the time, in bursts. Between bursts ` +
            'the clock of nginx tells of stalls: of one that calls ngx.update_time() only its parts.',
        ]
      : []),
    ...(lost > 0 ? [`${whole(lost)} reports of the probe were lost.`] : []),
    ...(missing === '' ? [] : [missing]),
  ].join(' ');
}

function whyNothing({ missing, on }: LoopMessage): string {
  if (missing !== '') return `The event loop cannot be watched. ${missing}`;
  if (!on) return 'The event loop was not watched: it is while this is shown and the capture runs.';
  return 'No iteration has ended since the watch began.';
}
