/** Hot functions as a table: the same data, colours and search as the graph. */
import { shadeOf, type Palette } from '../../graph/colours';
import { element, setText } from '../../common/dom';
import { percent } from '../../common/format';
import { hotFunctions, type HotFunction } from '../../graph/hot';
import { flagTexts, flagWords, kindText, type Kinds } from '../../graph/kinds';
import { shortPlace, type Profile } from '../../graph/profile';
import { place } from '../../graph/search';
import { weightOf } from '../../graph/tree';

/** More rows than anybody reads; the search finds the rest. */
const ROWS = 200;

type Column = 'self' | 'total' | 'name';

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
    const all = hotFunctions(profile.tree);
    const listed = found === undefined ? all : all.filter((row) => found[row.functionId] === 1);
    listed.sort((one, other) => this.compare(one, other));
    for (const [column, cell] of this.headers) {
      const sorted = column === this.sortBy;
      const direction = this.descending ? 'descending' : 'ascending';
      cell.setAttribute('aria-sort', sorted ? direction : 'none');
    }
    const shown = listed.slice(0, ROWS);
    shown.forEach((hot, i) => this.fill(this.rowAt(i), hot, selected, palette));
    this.rows.forEach((row, i) => (row.root.hidden = i >= shown.length));
    const functions = `${listed.length} function${listed.length === 1 ? '' : 's'}`;
    const cut = `${functions}, the first ${ROWS} are shown. Search to narrow them down.`;
    setText(this.note, shown.length < listed.length ? cut : functions);
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
   * Rows are made once and filled anew: a live table must not lose its scroll position or focus.
   */
  private rowAt(index: number): Row {
    const existing = this.rows[index];
    if (existing !== undefined) return existing;
    const swatch = element('span', { class: 'swatch', attributes: { 'aria-hidden': 'true' } });
    const cells = Array.from({ length: 5 }, () => element('td'));
    const jump = element('button', { attributes: { type: 'button' } });
    cells[2]!.append(swatch, jump);
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

  private fill(row: Row, hot: HotFunction, selected: number, palette: Palette): void {
    const profile = this.profile();
    const all = weightOf(profile.tree);
    const info = profile.functions[hot.functionId];
    row.node = hot.node;
    const costs = [hot.self, hot.total];
    costs.forEach((weight, i) => {
      const cell = row.cells[i]!;
      setText(cell, percent(weight, all));
      cell.title = profile.unit.text(weight);
      const width = all > 0 ? (100 * weight) / all : 0;
      cell.style.setProperty('--share', `${width.toFixed(1)}%`);
    });
    const jump = row.cells[2]!.lastElementChild as HTMLElement;
    setText(jump, profile.nameOfFunction(hot.functionId));
    setText(row.cells[3]!, info === undefined ? '' : shortPlace(info));
    row.cells[3]!.title = info === undefined ? '' : place(info);
    setText(row.cells[4]!, [kindsText(profile.kinds, hot), ...flagWords(hot.flags)].join(' · '));
    row.cells[4]!.title = flagTexts(hot.flags).join('\n');
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
