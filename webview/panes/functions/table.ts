/** Hot functions as a table: the same data, colours and search as the graph. */
import { intervalText, tiesAbove, wilson } from '../../../extension/profile/interval';
import { shadeOf, type Palette } from '../../graph/colours';
import { element, setText } from '../../common/dom';
import { percent, whole } from '../../common/format';
import { BURST_HINT, burstShare, ERROR_HINT, TIE_HINT } from '../../common/error-words';
import { hotFunctions, type HotFunction } from '../../graph/hot';
import { flagTexts, flagWords, kindText, type Kinds } from '../../graph/kinds';
import { shortPlace, type Profile } from '../../graph/profile';
import { place } from '../../graph/search';
import { weightOf } from '../../graph/tree';

/** More rows than anybody reads; the search finds the rest. */
const ROWS = 200;

type Column = 'self' | 'total' | 'name';

/** Cells of a row; what is not in it stands at the end, without sorting. */
const CELL = { self: 0, error: 1, total: 2, name: 3, place: 4, kind: 5 } as const;

export interface TableEvents {
  onSelect(node: number): void;
  onOpen(node: number, toSide: boolean): void;
  onZoom(node: number): void;
}

interface Row {
  root: HTMLTableRowElement;
  cells: HTMLTableCellElement[];
  swatch: HTMLElement;
  node: number;
}

export class FunctionTable {
  readonly root = element('div', { class: 'functions' });
  private readonly caption = element('caption', { class: 'out-of-sight' });
  private readonly body = element('tbody');
  private readonly note = element('p', { class: 'note', attributes: { role: 'status' } });
  private readonly headers: [Column, HTMLTableCellElement, HTMLElement][];
  private readonly error = element('th', {
    class: 'error',
    text: '95 %',
    attributes: { scope: 'col' },
  });
  private readonly rows: Row[] = [];
  private sortBy: Column = 'self';
  private descending = true;

  constructor(
    private readonly profile: () => Profile,
    private readonly events: TableEvents,
    private readonly onSort: () => void,
  ) {
    const titles: [Column, string][] = [
      ['self', 'Self'],
      ['total', 'Total'],
      ['name', 'Function'],
    ];
    this.headers = titles.map(([column, title]) => this.header(column, title));
    const head = element('tr', {}, ...this.headers.map(([, cell]) => cell));
    this.error.title = ERROR_HINT;
    head.insertBefore(this.error, head.children[CELL.error]!);
    head.append(element('th', { text: 'Defined at', attributes: { scope: 'col' } }));
    head.append(element('th', { text: 'Kind', attributes: { scope: 'col' } }));
    const table = element('table', {}, this.caption, element('thead', {}, head), this.body);
    const attributes = { tabindex: '0', role: 'region', 'aria-label': 'Functions' };
    this.root.append(element('div', { class: 'scroll', attributes }, table), this.note);
  }

  private header(column: Column, title: string): [Column, HTMLTableCellElement, HTMLElement] {
    const label = element('button', { text: title, attributes: { type: 'button' } });
    const cell = element('th', { class: column, attributes: { scope: 'col' } }, label);
    label.addEventListener('click', () => {
      this.descending = this.sortBy === column ? !this.descending : column !== 'name';
      this.sortBy = column;
      this.onSort();
    });
    return [column, cell, label];
  }

  update(found: Uint8Array | undefined, selected: number, palette: Palette): void {
    const profile = this.profile();
    setText(this.caption, `Functions by ${profile.unit.whole}`);
    const all = hotFunctions(profile.tree, profile.kinds.charged?.(profile.tree));
    const listed = found === undefined ? all : all.filter((row) => found[row.functionId] === 1);
    listed.sort((one, other) => this.compare(one, other));
    for (const [column, cell] of this.headers) {
      const sorted = column === this.sortBy;
      const direction = this.descending ? 'descending' : 'ascending';
      cell.setAttribute('aria-sort', sorted ? direction : 'none');
    }
    this.error.hidden = !profile.unit.hasError;
    const shown = listed.slice(0, ROWS);
    const ties = this.tiesOf(shown);
    shown.forEach((hot, i) => this.fill(this.rowAt(i), hot, ties[i]!, selected, palette));
    this.rows.forEach((row, i) => (row.root.hidden = i >= shown.length));
    const functions = `${listed.length} function${listed.length === 1 ? '' : 's'}`;
    const cut = `${functions}, the first ${ROWS} are shown. Search to narrow them down.`;
    setText(this.note, shown.length < listed.length ? cut : functions);
  }

  /** With what is known of its error. */
  private shareText(hot: HotFunction, column: 'self' | 'total'): string {
    const { tree, all, unit, functionErrors } = this.profile();
    if (!unit.inBursts) return percent(hot[column], weightOf(tree));
    const share = weightOf(tree) > 0 ? (100 * hot[column]) / weightOf(tree) : 0;
    const off = functionErrors?.[column][hot.functionId];
    // A filter leaves a part of the function, which is another share.
    const known = tree === all || off === undefined ? off : NaN;
    return burstShare(share, share, known === undefined ? null : 100 * known);
  }

  /** Rows that samples do not tell from the one above, by what they are sorted by. */
  private tiesOf(rows: readonly HotFunction[]): boolean[] {
    const { tree, unit } = this.profile();
    const { sortBy } = this;
    if (sortBy === 'name' || !unit.hasError) return rows.map(() => false);
    const all = weightOf(tree);
    const shares = rows.map((row) => (all > 0 ? row[sortBy] / all : 0));
    return tiesAbove(shares, tree.sureSamples);
  }

  private compare(one: HotFunction, other: HotFunction): number {
    const order = this.descending ? -1 : 1;
    const names = (): number => {
      const profile = this.profile();
      const [a, b] = [one, other].map((row) => profile.nameOfFunction(row.functionId));
      return a! < b! ? -1 : a! > b! ? 1 : one.functionId - other.functionId;
    };
    if (this.sortBy === 'name') return order * names();
    return order * (one[this.sortBy] - other[this.sortBy]) || names();
  }

  /**
   * Rows are made once and filled again: a live table must not lose its scroll position or focus.
   */
  private rowAt(index: number): Row {
    const existing = this.rows[index];
    if (existing !== undefined) return existing;
    const swatch = element('span', { class: 'swatch', attributes: { 'aria-hidden': 'true' } });
    const cells = Array.from({ length: 6 }, () => element('td'));
    const jump = element('button', { attributes: { type: 'button' } });
    cells[CELL.name]!.append(swatch, jump);
    const root = element('tr', {}, ...cells);
    const row: Row = { root, cells, swatch, node: -1 };
    root.addEventListener('click', (event) => {
      this.events.onSelect(row.node);
      this.events.onOpen(row.node, event.altKey || event.shiftKey);
    });
    root.addEventListener('dblclick', () => this.events.onZoom(row.node));
    this.rows.push(row);
    this.body.append(root);
    return row;
  }

  private fill(row: Row, hot: HotFunction, tie: boolean, selected: number, palette: Palette): void {
    const profile = this.profile();
    const { tree, unit } = profile;
    const all = weightOf(tree);
    const info = profile.functions[hot.functionId];
    row.node = hot.node;
    for (const column of ['self', 'total'] as const) {
      const weight = hot[column];
      const cell = row.cells[CELL[column]]!;
      const tied = tie && column === this.sortBy;
      setText(cell, `${tied ? '≈ ' : ''}${this.shareText(hot, column)}`);
      const hint = tied ? TIE_HINT : unit.inBursts ? BURST_HINT : '';
      cell.title = hint === '' ? unit.text(weight) : `${unit.text(weight)}\n${hint}`;
      const width = all > 0 ? (100 * weight) / all : 0;
      cell.style.setProperty('--share', `${width.toFixed(1)}%`);
    }
    const self = all > 0 ? hot.self / all : 0;
    const error = unit.hasError ? intervalText(wilson(self, tree.sureSamples)) : '';
    setText(row.cells[CELL.error]!, error);
    row.cells[CELL.error]!.title = `${whole(hot.samples)} samples of ${whole(tree.wholeSamples)}`;
    row.cells[CELL.error]!.hidden = !unit.hasError;
    const jump = row.cells[CELL.name]!.lastElementChild as HTMLElement;
    setText(jump, profile.nameOfFunction(hot.functionId));
    setText(row.cells[CELL.place]!, info === undefined ? '' : shortPlace(info));
    row.cells[CELL.place]!.title = info === undefined ? '' : place(info);
    setText(
      row.cells[CELL.kind]!,
      [kindsText(profile.kinds, hot), ...flagWords(hot.flags)].join(' · '),
    );
    row.cells[CELL.kind]!.title = flagTexts(hot.flags, hot.kind).join('\n');
    const colours = palette.kinds[hot.kind] ?? palette.root;
    row.swatch.style.backgroundColor = colours.fills[shadeOf(hot.functionId)]!;
    const isSelected = selected > 0 && profile.tree.functions[selected] === hot.functionId;
    row.root.classList.toggle('selected', isSelected);
    if (isSelected) row.root.setAttribute('aria-current', 'true');
    else row.root.removeAttribute('aria-current');
  }
}

function kindsText(kinds: Kinds, hot: HotFunction): string {
  const others: string[] = [];
  for (let kind = 0; kind < 32; kind++) {
    if (kind !== hot.kind && (hot.kinds & (1 << kind)) !== 0)
      others.push(kindText(kinds, kind).label);
  }
  return [kindText(kinds, hot.kind).label, ...others].join(', ');
}
