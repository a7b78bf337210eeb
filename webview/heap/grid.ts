/** One table of a heap snapshot: sortable, for pointer, keyboard and screen reader alike. */
import { element, setText } from '../common/dom';
import type { HeapColumn } from './columns';
import type { HeapRow } from '../../extension/page/heap';

export interface GridEvents {
  onChoose(row: HeapRow, toSide: boolean): void;
  onOpen(row: HeapRow): void;
  onHover(key: string | undefined): void;
}

export interface GridContent {
  readonly caption: string;
  readonly columns: readonly HeapColumn[];
  readonly rows: readonly HeapRow[];
  /** Rows below all others, cell by cell. */
  readonly sums: readonly (readonly string[])[];
  /** Of the column and direction that rows are sorted by at first. */
  readonly sortBy: string;
  canChoose(row: HeapRow): boolean;
  isChosen(row: HeapRow): boolean;
  /** Of the bar below the share, 0 to 1. */
  shareOf(row: HeapRow): number;
  colourOf(row: HeapRow): string | undefined;
  /** Stands below the name, where there is more to say. */
  detailOf(row: HeapRow): string;
}

export class Grid {
  readonly root = element('div', {
    class: 'owner-scroll',
    attributes: { tabindex: '0', role: 'region', 'aria-label': 'Table' },
  });
  private readonly caption = element('caption', { class: 'out-of-sight' });
  private readonly head = element('tr');
  private readonly body = element('tbody');
  private readonly foot = element('tfoot');
  private buttons: HTMLElement[] = [];
  private readonly rows = new Map<string, HTMLElement>();
  private content: GridContent | undefined;
  private sortBy = '';
  private descending = true;

  constructor(private readonly events: GridEvents) {
    const head = element('thead', {}, this.head);
    this.root.append(element('table', {}, this.caption, head, this.body, this.foot));
    this.root.addEventListener('keydown', (event) => this.walk(event));
  }

  /** @param keepSorting where it is the same table as before. */
  show(content: GridContent, keepSorting: boolean): void {
    this.content = content;
    const known = content.columns.some(({ id }) => id === this.sortBy);
    if (!keepSorting || !known) {
      this.sortBy = content.sortBy;
      this.descending = true;
    }
    setText(this.caption, content.caption);
    this.root.setAttribute('aria-label', content.caption);
    this.draw();
  }

  hover(key: string | undefined): void {
    for (const [id, row] of this.rows) row.classList.toggle('hovered', id === key);
  }

  private draw(): void {
    const { content } = this;
    if (content === undefined) return;
    const active = document.activeElement;
    const focused = [...this.rows].find(([, row]) => row.contains(active))?.[0];
    this.head.replaceChildren(...content.columns.map((column) => this.header(column)));
    this.buttons = [];
    this.rows.clear();
    this.body.replaceChildren(...this.sorted(content).map((row) => this.row(content, row)));
    this.foot.replaceChildren(...content.sums.map((cells) => this.sum(content, cells)));
    if (focused !== undefined) this.rows.get(focused)?.querySelector('button')?.focus();
  }

  /** Parts stay below the row that they are parts of. */
  private sorted({ rows, columns }: GridContent): HeapRow[] {
    const column = columns.find(({ id }) => id === this.sortBy) ?? columns[0]!;
    const groups: HeapRow[][] = [];
    for (const row of rows) {
      if (row.part && groups.length > 0) groups[groups.length - 1]!.push(row);
      else groups.push([row]);
    }
    const sign = this.descending ? -1 : 1;
    const compare = ([one]: HeapRow[], [other]: HeapRow[]): number => {
      const [a, b] = [column.value(one!), column.value(other!)];
      const order = a < b ? -1 : a > b ? 1 : 0;
      return sign * order || other!.bytes - one!.bytes || (one!.name < other!.name ? -1 : 1);
    };
    return groups.sort(compare).flat();
  }

  private header(column: HeapColumn): HTMLElement {
    const label = element('button', { text: column.title, attributes: { type: 'button' } });
    label.addEventListener('click', () => {
      this.descending = this.sortBy === column.id ? !this.descending : column.numeric;
      this.sortBy = column.id;
      this.draw();
      const at = this.content?.columns.findIndex(({ id }) => id === column.id) ?? 0;
      this.head.children[at]?.querySelector('button')?.focus();
    });
    const direction = this.descending ? 'descending' : 'ascending';
    const sorted = column.id === this.sortBy ? direction : 'none';
    const attributes = { scope: 'col', 'aria-sort': sorted };
    return element('th', { class: classOf(column), title: column.hint, attributes }, label);
  }

  private row(content: GridContent, row: HeapRow): HTMLElement {
    const made = element('tr', { class: row.part ? 'part' : '' });
    made.style.setProperty('--share', `${(100 * content.shareOf(row)).toFixed(1)}%`);
    for (const column of content.columns) {
      if (column.id === 'name') made.append(this.nameCell(content, column, row));
      else made.append(element('td', { class: classOf(column), text: column.text(row) }));
    }
    this.rows.set(row.key, made);
    made.addEventListener('pointerenter', () => this.events.onHover(row.key));
    made.addEventListener('pointerleave', () => this.events.onHover(undefined));
    if (!content.canChoose(row)) return made;
    made.classList.add('choosable');
    made.classList.toggle('selected', content.isChosen(row));
    made.addEventListener('click', (event) => {
      if (event.detail < 2) this.events.onChoose(row, event.altKey || event.shiftKey);
    });
    made.addEventListener('dblclick', () => this.events.onOpen(row));
    return made;
  }

  private nameCell(content: GridContent, column: HeapColumn, row: HeapRow): HTMLElement {
    const cell = element('th', { class: 'name', attributes: { scope: 'row' } });
    const colour = content.colourOf(row);
    if (colour !== undefined) {
      const swatch = element('span', { class: 'swatch', attributes: { 'aria-hidden': 'true' } });
      swatch.style.backgroundColor = colour;
      cell.append(swatch);
    }
    const text = column.text(row);
    if (content.canChoose(row)) {
      const pressed = { type: 'button', 'aria-pressed': String(content.isChosen(row)) };
      const button = element('button', { class: 'row-name', text, attributes: pressed });
      this.buttons.push(button);
      cell.append(button);
    } else {
      cell.append(element('span', { class: 'row-name', text }));
    }
    const detail = content.detailOf(row);
    if (detail !== '') cell.append(element('div', { class: 'row-detail', text: detail }));
    cell.title = detail === '' ? text : `${text}\n${detail}`;
    return cell;
  }

  private sum({ columns }: GridContent, cells: readonly string[]): HTMLElement {
    const made = columns.map((column, i) => {
      const tag = i === 0 ? 'th' : 'td';
      const attributes: Record<string, string> = i === 0 ? { scope: 'row' } : {};
      return element(tag, { class: classOf(column), text: cells[i] ?? '', attributes });
    });
    return element('tr', { class: 'sum' }, ...made);
  }

  /** Up and down from row to row; Enter and the space bar are the button's own. */
  private walk(event: KeyboardEvent): void {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const at = this.buttons.indexOf(document.activeElement as HTMLElement);
    if (step === 0 || (at < 0 && document.activeElement !== this.root)) return;
    const next = this.buttons[at < 0 ? 0 : at + step];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  }
}

function classOf({ id, numeric }: HeapColumn): string {
  return numeric ? `number ${id}` : id;
}
