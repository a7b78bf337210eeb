/** Rows of a report with their figures; a click on one leaves only its samples everywhere. */
import { element, setText } from '../../common/dom';
import type { FocusedRow, ReportEntry, ReportMessage } from '../../../extension/page/messages';
import { stackSeries } from '../../../extension/profile/series';
import { tenths } from '../../../extension/profile/shares';
import { THE_REST } from '../../common/owner-colours';
import { columnsOf, type TableColumn } from './columns';
import { Sparkline } from './sparkline';

export interface TableEvents {
  onSelect(entry: ReportEntry): void;
  onOpen(entry: ReportEntry): void;
  onHover(key: string | undefined): void;
  onSort(): void;
}

interface Row {
  readonly root: HTMLTableRowElement;
  readonly name: HTMLElement;
  readonly swatch: HTMLElement;
  readonly cells: Map<string, HTMLElement>;
  readonly trend: Sparkline;
  entry: ReportEntry;
}

export class OwnerTable {
  readonly root = element('div', {
    class: 'owner-scroll',
    attributes: { tabindex: '0', role: 'region', 'aria-label': 'By plugin, table' },
  });
  private readonly caption = element('caption', { class: 'out-of-sight' });
  private readonly head = element('tr');
  private readonly body = element('tbody');
  private readonly foot = element('tr', { class: 'sum' });
  private readonly rows = new Map<string, Row>();
  private order: string[] = [];
  private layout = '';
  private sortBy = 'share';
  private descending = true;

  constructor(private readonly events: TableEvents) {
    const table = element('table', {}, this.caption, element('thead', {}, this.head), this.body);
    table.append(element('tfoot', {}, this.foot));
    this.root.append(table);
    this.root.addEventListener('keydown', (event) => this.walk(event));
  }

  /**
   * @param stay the rows keep their places: somebody is about to click one.
   * @param colourOf of a row's swatch.
   */
  update(
    report: ReportMessage,
    focus: FocusedRow | null,
    stay: boolean,
    colourOf: (entry: ReportEntry) => string,
  ): void {
    const shares = tenths(report.entries.map(({ weight }) => weight));
    const sum = shares.reduce((all, share) => all + share, 0);
    const columns = columnsOf(report, sum);
    const { Whole } = stackSeries[report.measure].words;
    setText(this.caption, `${Whole}; ${report.samples} samples. A row's button filters by it.`);
    this.setHead(report, columns);
    this.setRows(report, columns, stay);
    const most = Math.max(
      0,
      ...report.entries.flatMap(({ trend }) => trend.map((value) => value ?? 0)),
    );
    report.entries.forEach((entry, i) => {
      const row = this.rows.get(idOf(entry))!;
      row.entry = entry;
      for (const column of columns) {
        const target = column.id === 'name' ? row.name : row.cells.get(column.id);
        if (target !== undefined) setText(target, column.text(entry, shares[i]!));
      }
      row.root.style.setProperty('--share', `${(shares[i]! / 10).toFixed(1)}%`);
      row.swatch.style.backgroundColor = colourOf(entry);
      row.trend.update(entry.trend, most, report.measure);
      const chosen = focus?.by === report.rows && idOf(entry) === idOf(focus);
      row.root.classList.toggle('selected', chosen);
      row.name.setAttribute('aria-pressed', String(chosen));
    });
    const cells = columns.map((column) => {
      const tag = column.id === 'name' ? 'th' : 'td';
      const attributes: Record<string, string> = tag === 'th' ? { scope: 'row' } : {};
      return element(tag, { text: column.sum(), class: classOf(column), attributes });
    });
    this.foot.replaceChildren(...cells);
  }

  hover(key: string | undefined): void {
    for (const [id, row] of this.rows) row.root.classList.toggle('hovered', id === key);
  }

  private setHead(report: ReportMessage, columns: readonly TableColumn[]): void {
    const layout = [report.rows, ...columns.map(({ id, title }) => `${id} ${title}`)].join('\n');
    if (layout !== this.layout) {
      this.layout = layout;
      this.rows.clear();
      this.body.replaceChildren();
      if (!columns.some(({ id }) => id === this.sortBy)) this.sortBy = 'share';
      const cells = columns.map((column) => this.header(column));
      this.head.replaceChildren(...cells);
    }
    columns.forEach(({ id, hint }, i) => {
      const cell = this.head.children[i] as HTMLElement;
      const direction = this.descending ? 'descending' : 'ascending';
      cell.setAttribute('aria-sort', id === this.sortBy ? direction : 'none');
      if (cell.title !== hint) cell.title = hint;
    });
  }

  private header(column: TableColumn): HTMLTableCellElement {
    const label = element('button', { text: column.title, attributes: { type: 'button' } });
    label.addEventListener('click', () => {
      this.descending = this.sortBy === column.id ? !this.descending : column.numeric;
      this.sortBy = column.id;
      this.events.onSort();
    });
    return element('th', { class: classOf(column), attributes: { scope: 'col' } }, label);
  }

  private setRows(report: ReportMessage, columns: readonly TableColumn[], stay: boolean): void {
    const column = columns.find(({ id }) => id === this.sortBy)!;
    const sorted = [...report.entries].sort((a, b) => this.compare(column, a, b)).map(idOf);
    const present = new Set(sorted);
    const places = new Map(this.order.map((id, i) => [id, i]));
    const kept = stay ? this.order.filter((id) => present.has(id)) : [];
    const wanted = stay ? [...kept, ...sorted.filter((id) => !places.has(id))] : sorted;
    for (const entry of report.entries)
      if (!this.rows.has(idOf(entry))) this.rows.set(idOf(entry), this.newRow(entry, columns));
    for (const [id, row] of this.rows) {
      if (present.has(id)) continue;
      row.root.remove();
      this.rows.delete(id);
    }
    wanted.forEach((id, i) => {
      const { root } = this.rows.get(id)!;
      // Only what has moved: a row that is taken out and put back loses the focus.
      if (this.body.children[i] !== root)
        this.body.insertBefore(root, this.body.children[i] ?? null);
    });
    this.order = wanted;
  }

  private compare(column: TableColumn, a: ReportEntry, b: ReportEntry): number {
    const [one, other] = [column.value(a), column.value(b)];
    const order = one < other ? -1 : one > other ? 1 : 0;
    const names = a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
    return (this.descending ? -order : order) || b.weight - a.weight || names;
  }

  private newRow(entry: ReportEntry, columns: readonly TableColumn[]): Row {
    const swatch = element('span', { class: 'swatch', attributes: { 'aria-hidden': 'true' } });
    const name = element('button', { class: 'row-name', attributes: { type: 'button' } });
    if (entry.key === THE_REST) name.setAttribute('disabled', '');
    const cells = new Map<string, HTMLElement>();
    const root = element('tr');
    const trend = new Sparkline();
    const row: Row = { root, name, swatch, cells, trend, entry };
    for (const column of columns) {
      if (column.id === 'name') {
        const cell = element('th', { class: 'name', attributes: { scope: 'row' } }, swatch, name);
        root.append(cell);
        continue;
      }
      const cell = element('td', { class: classOf(column) });
      if (column.id === 'trend') cell.append(trend.root);
      else cells.set(column.id, cell);
      root.append(cell);
    }
    const choosable = entry.key !== THE_REST;
    root.addEventListener('click', (event) => {
      if (choosable && event.detail < 2) this.events.onSelect(row.entry);
    });
    root.addEventListener('dblclick', () => {
      if (choosable) this.events.onOpen(row.entry);
    });
    root.addEventListener('pointerenter', () => this.events.onHover(idOf(row.entry)));
    root.addEventListener('pointerleave', () => this.events.onHover(undefined));
    return row;
  }

  /** Up and down from row to row; Enter and the space bar are the button's own. */
  private walk(event: KeyboardEvent): void {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const at = this.order.findIndex((id) => this.rows.get(id)!.name === document.activeElement);
    if (step === 0 || (at < 0 && document.activeElement !== this.root)) return;
    const next = this.order[at < 0 ? 0 : at + step];
    if (next === undefined) return;
    event.preventDefault();
    this.rows.get(next)!.name.focus();
  }
}

export function idOf({ kind, key }: { kind: string; key: string }): string {
  return `${kind} ${key}`;
}

function classOf(column: TableColumn): string {
  if (column.id.startsWith('cell')) return 'number cell';
  return column.numeric ? `number ${column.id}` : column.id;
}
