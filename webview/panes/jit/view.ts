/** LuaJIT's compiler: its VMs, what it gave up on and why, and what it does not try any more. */
import type { JitMessage, JitPlace } from '../../../extension/page/messages';
import { element, setText } from '../../common/dom';
import { count, whole } from '../../common/format';
import { Grid, type GridColumn, type GridRow } from '../../common/grid';
import type { PaneHost, PaneView } from '../pane';
import {
  ABORT_COLUMNS,
  type AbortRow,
  BLACKLISTED_COLUMNS,
  type BlacklistedRow,
  placeText,
  usedOf,
  VM_COLUMNS,
  type VmRow,
} from './columns';

/** From here on the area of machine code may run full any time. */
const NEARLY_FULL = 0.9;
/** So many flushes in a minute are no accident. */
const STORM = 3;

export class JitView implements PaneView<'jit'> {
  readonly root = element('section', {
    class: 'owners jit',
    attributes: { 'aria-label': "LuaJIT's compiler" },
  });
  private readonly facts = element('p', { class: 'owner-facts', attributes: { role: 'status' } });
  private readonly hints = element('ul', { class: 'jit-hints' });
  private readonly nothing = element('p', { class: 'jit-nothing' });
  private readonly vms: Grid<VmRow>;
  private readonly aborts: Grid<AbortRow>;
  private readonly blacklisted: Grid<BlacklistedRow>;
  private readonly noAborts = element('p', { class: 'jit-none' });
  private readonly noBlacklisted = element('p', { class: 'jit-none' });
  private readonly main: HTMLElement;
  private readonly places: HTMLElement;
  private message: JitMessage | undefined;

  constructor(private readonly host: PaneHost<'jit'>) {
    this.vms = new Grid({ onChoose: () => undefined });
    this.aborts = new Grid({ onChoose: (row, toSide) => this.open(row, toSide) });
    this.blacklisted = new Grid({ onChoose: (row, toSide) => this.open(row, toSide) });
    this.places = part('Blacklisted', this.blacklisted.root, this.noBlacklisted);
    this.places.classList.add('jit-places');
    const below = element(
      'div',
      { class: 'jit-tables' },
      part('Aborts by reason and line', this.aborts.root, this.noAborts),
      this.places,
    );
    this.main = element('div', { class: 'jit-main' }, part('VMs', this.vms.root), below);
    const bar = element('div', { class: 'owner-bar' }, this.facts);
    this.root.append(bar, this.hints, this.nothing, this.main);
  }

  isFilled(): boolean {
    return this.message !== undefined;
  }

  show(message: JitMessage): void {
    this.message = message;
    const { vms, aborts, blacklisted, left } = message;
    const empty = vms.length === 0 && aborts.length === 0 && blacklisted.length === 0;
    this.nothing.hidden = !empty;
    this.main.hidden = empty;
    setText(this.nothing, empty ? whyNothing(message) : '');
    setText(this.facts, empty ? '' : factsOf(message));
    this.showHints([
      ...hintsOf(message),
      ...(empty || message.missing === '' ? [] : [message.missing]),
    ]);
    show(this.vms, 'VMs and their compilers', VM_COLUMNS, vmRows(message), 'traces', usedOf);
    const most = Math.max(1, ...aborts.map((abort) => abort.count));
    show(
      this.aborts,
      'Aborts by reason and line',
      ABORT_COLUMNS,
      aborts.map((abort) => ({
        ...abort,
        ...namesOf(abort, `${abort.reason} ${placeText(abort)}`),
      })),
      'share',
      (row) => row.count / most,
      ({ meaning }) => meaning,
    );
    show(
      this.blacklisted,
      'Functions and loops that are not compiled any more',
      BLACKLISTED_COLUMNS,
      blacklisted.map((each) => ({ ...each, ...namesOf(each, placeText(each)) })),
      'name',
    );
    this.none(this.noAborts, aborts.length, 'The compiler has given up on nothing.', left);
    this.none(this.noBlacklisted, blacklisted.length, 'Nothing is blacklisted.', 0);
  }

  /** Made again only where they differ: a screen reader would begin again. */
  private showHints(hints: readonly string[]): void {
    this.hints.hidden = hints.length === 0;
    const shown = [...this.hints.children].map((each) => each.textContent);
    if (shown.join('\n') === hints.join('\n')) return;
    this.hints.replaceChildren(...hints.map((text) => element('li', { text })));
  }

  private none(note: HTMLElement, rows: number, text: string, left: number): void {
    setText(note, rows === 0 ? text : left > 0 ? `${whole(left)} more are not shown.` : '');
    note.hidden = note.textContent === '';
  }

  private open({ chunk, line }: JitPlace, toSide: boolean): void {
    this.host.post({ type: 'open-chunk', chunk, line, toSide });
  }
}

function show<R extends GridRow>(
  grid: Grid<R>,
  caption: string,
  columns: readonly GridColumn<R>[],
  rows: readonly R[],
  sortBy: string,
  shareOf: (row: R) => number = () => 0,
  detailOf: (row: R) => string = () => '',
): void {
  const canChoose = (row: R): boolean => 'chunk' in row && (row.chunk as number) >= 0;
  const common = { caption, columns, rows, sortBy, canChoose, detailOf, shareOf };
  grid.root.hidden = rows.length === 0;
  grid.show({ ...common, weightOf: shareOf, isChosen: null }, true);
}

function namesOf(place: JitPlace, name: string): GridRow {
  return { key: `${name} ${place.chunk}`, name };
}

function vmRows({ vms }: JitMessage): VmRow[] {
  const seen = new Map<number, number>();
  return vms.map((vm) => {
    const nth = (seen.get(vm.pid) ?? 0) + 1;
    seen.set(vm.pid, nth);
    const name = nth === 1 ? `${vm.pid}` : `${vm.pid}, VM ${nth}`;
    return { ...vm, key: name, name };
  });
}

function part(title: string, ...children: HTMLElement[]): HTMLElement {
  return element('section', { class: 'jit-part' }, element('h2', { text: title }), ...children);
}

function sumOf<T>(all: readonly T[], pick: (each: T) => number): number {
  return all.reduce((sum, each) => sum + pick(each), 0);
}

function factsOf({ vms, aborts, blacklisted, on }: JitMessage): string {
  return [
    count(vms.length, 'VM'),
    count(
      sumOf(vms, ({ traces }) => traces),
      'trace',
    ),
    count(
      sumOf(aborts, (abort) => abort.count),
      'abort',
    ),
    `${whole(blacklisted.length)} blacklisted`,
    count(
      sumOf(vms, ({ flushes }) => flushes),
      'flush',
      'flushes',
    ),
    on ? 'since the watch began' : 'not being watched now',
  ].join(' · ');
}

function hintsOf({ vms }: JitMessage): string[] {
  const workers = (some: readonly { pid: number }[]): string => {
    const pids = [...new Set(some.map(({ pid }) => pid))];
    return `${pids.length === 1 ? 'Worker' : 'Workers'} ${pids.slice(0, 5).join(', ')}`;
  };
  const stormy = vms.filter(({ recentFlushes }) => recentFlushes >= STORM);
  const full = vms.filter((vm) => usedOf(vm) >= NEARLY_FULL);
  return [
    ...(stormy.length > 0
      ? [
          `${workers(stormy)}: all traces were thrown away ${STORM} times or more in the last ` +
            'minute, and hot code is compiled again each time. Larger maxtrace and maxmcode keep them.',
        ]
      : []),
    ...(full.length > 0
      ? [
          `${workers(full)}: machine code takes ${NEARLY_FULL * 100} % or more of its limit. When it ` +
            'is reached, all traces are thrown away. A larger maxmcode keeps them.',
        ]
      : []),
  ];
}

function whyNothing({ missing, on }: JitMessage): string {
  if (missing !== '') return `The compiler cannot be watched. ${missing}`;
  if (!on) return 'The compiler was not watched: it is while this is shown and the capture runs.';
  return 'The compiler is about to be looked at.';
}
