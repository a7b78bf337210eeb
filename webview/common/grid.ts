/** A sortable table of rows that come and go, for pointer, keyboard and screen reader alike. */
import { element, setText } from './dom';

export interface GridRow {
  /** Stays the same while rows come and go. */
  readonly key: string;
  readonly name: string;
  /** Part of the row above, below which it stays. */
  readonly part?: boolean;
}

export interface GridColumn<R extends GridRow> {
  /** "name" for the first column. */
  readonly id: string;
  readonly title: string;
  readonly hint: string;
  readonly numeric: boolean;
  /** Sorts rows. */
  value(row: R): number | string;
  text(row: R): string;
}

export interface GridEvents<R extends GridRow> {
  onChoose(row: R, toSide: boolean): void;
  /** A double click. */
  onOpen?(row: R): void;
  onHover?(key: string | undefined): void;
}

export interface GridContent<R extends GridRow> {
  readonly caption: string;
  readonly columns: readonly GridColumn<R>[];
  readonly rows: readonly R[];
  /** Rows below all others, cell by cell. */
  readonly sums?: readonly (readonly string[])[];
  /** The column that rows are sorted by at first, descending. */
  readonly sortBy: string;
  /** Of rows that are equal in the sorted column, the larger ones come first. */
  readonly weightOf: (row: R) => number;
  readonly canChoose: (row: R) => boolean;
  /** null: rows are opened and not chosen. */
  isChosen: ((row: R) => boolean) | null;
  /** Of the bar below the share, 0 to 1. */
  shareOf?(row: R): number;
  colourOf?(row: R): string | undefined;
  /** Stands below the name, where there is more to say. */
  detailOf?(row: R): string;
}

interface Drawn<R extends GridRow> {
  readonly root: HTMLElement;
  readonly cells: readonly HTMLElement[];
  readonly name: HTMLElement;
  readonly detail: HTMLElement;
  readonly swatch: HTMLElement;
  readonly choosable: boolean;
  row: R;
}

export class Grid<R extends GridRow> {
  readonly root = element('div', {
    class: 'owner-scroll',
    attributes: { tabindex: '0', role: 'region', 'aria-label': 'Table' },
  });
  private readonly caption = element('caption', { class: 'out-of-sight' });
  private readonly head = element('tr');
  private readonly body = element('tbody');
  private readonly foot = element('tfoot');
  private readonly rows = new Map<string, Drawn<R>>();
  private order: string[] = [];
  private layout = '';
  private content: GridContent<R> | undefined;
  private sortBy = '';
  private descending = true;
  /** Somebody is about to click a row: they keep their places. */
  private held = false;

  constructor(private readonly events: GridEvents<R>) {
    const head = element('thead', {}, this.head);
    this.root.append(element('table', {}, this.caption, head, this.body, this.foot));
    this.root.addEventListener('keydown', (event) => this.walk(event));
    this.body.addEventListener('pointerenter', () => (this.held = true));
    this.body.addEventListener('pointerleave', () => {
      this.held = false;
      this.draw();
    });
  }

  /** @param keepSorting where it is the same table as before. */
  show(content: GridContent<R>, keepSorting: boolean): void {
    this.content = content;
    const known = content.columns.some(({ id }) => id === this.sortBy);
    if (!keepSorting || !known) {
      this.sortBy = content.sortBy;
      this.descending = true;
    }
    if (!keepSorting) this.order = [];
    setText(this.caption, content.caption);
    this.root.setAttribute('aria-label', content.caption);
    this.draw();
  }

  hover(key: string | undefined): void {
    for (const [id, { root }] of this.rows) root.classList.toggle('hovered', id === key);
  }

  private draw(): void {
    const { content } = this;
    if (content === undefined) return;
    this.drawHead(content);
    const present = new Set(content.rows.map(({ key }) => key));
    for (const [key, { root }] of this.rows) {
      if (present.has(key)) continue;
      root.remove();
      this.rows.delete(key);
    }
    this.inOrder(content).forEach((row, i) => this.place(this.rowFor(content, row), i));
    const sums = content.sums ?? [];
    this.foot.replaceChildren(...sums.map((cells) => this.sum(content, cells)));
  }

  /** Made again only where columns are others: a button that is pressed would lose the focus. */
  private drawHead({ columns }: GridContent<R>): void {
    const layout = columns.map(({ id, title }) => `${id} ${title}`).join('\n');
    if (layout !== this.layout) {
      this.layout = layout;
      this.rows.clear();
      this.body.replaceChildren();
      this.head.replaceChildren(...columns.map((column) => this.header(column)));
    }
    columns.forEach(({ id, hint }, i) => {
      const cell = this.head.children[i] as HTMLElement;
      const direction = this.descending ? 'descending' : 'ascending';
      cell.setAttribute('aria-sort', id === this.sortBy ? direction : 'none');
      if (cell.title !== hint) cell.title = hint;
    });
  }

  private header(column: GridColumn<R>): HTMLElement {
    const label = element('button', { text: column.title, attributes: { type: 'button' } });
    label.addEventListener('click', () => {
      this.descending = this.sortBy === column.id ? !this.descending : column.numeric;
      this.sortBy = column.id;
      this.draw();
    });
    return element('th', { class: classOf(column), attributes: { scope: 'col' } }, label);
  }

  private inOrder(content: GridContent<R>): R[] {
    const sorted = this.sorted(content);
    const places = new Map(this.order.map((key, i) => [key, i]));
    const rows = !this.held
      ? sorted
      : [
          ...sorted
            .filter(({ key }) => places.has(key))
            .sort((one, other) => places.get(one.key)! - places.get(other.key)!),
          ...sorted.filter(({ key }) => !places.has(key)),
        ];
    this.order = rows.map(({ key }) => key);
    return rows;
  }

  /** Parts stay below the row that they are parts of. */
  private sorted({ rows, columns, weightOf }: GridContent<R>): R[] {
    const column = columns.find(({ id }) => id === this.sortBy) ?? columns[0]!;
    const groups: R[][] = [];
    for (const row of rows) {
      if (row.part === true && groups.length > 0) groups[groups.length - 1]!.push(row);
      else groups.push([row]);
    }
    const sign = this.descending ? -1 : 1;
    const compare = ([one]: R[], [other]: R[]): number => {
      const [a, b] = [column.value(one!), column.value(other!)];
      const order = a < b ? -1 : a > b ? 1 : 0;
      const weights = weightOf(other!) - weightOf(one!);
      return sign * order || weights || (one!.name < other!.name ? -1 : 1);
    };
    return groups.sort(compare).flat();
  }

  private place({ root }: Drawn<R>, i: number): void {
    // Only what has moved: a row that is taken out and put back loses the focus.
    if (this.body.children[i] !== root) {
      this.body.insertBefore(root, this.body.children[i] ?? null);
    }
  }

  private rowFor(content: GridContent<R>, row: R): Drawn<R> {
    let drawn = this.rows.get(row.key);
    if (drawn?.choosable !== content.canChoose(row)) {
      drawn?.root.remove();
      drawn = this.make(content, row);
      this.rows.set(row.key, drawn);
    }
    drawn.row = row;
    this.fill(content, drawn);
    return drawn;
  }

  private make({ columns, canChoose }: GridContent<R>, row: R): Drawn<R> {
    const choosable = canChoose(row);
    const name = choosable
      ? element('button', { class: 'row-name', attributes: { type: 'button' } })
      : element('span', { class: 'row-name' });
    const swatch = element('span', { class: 'swatch', attributes: { 'aria-hidden': 'true' } });
    const detail = element('div', { class: 'row-detail' });
    const cells = columns.map((column) =>
      column.id === 'name'
        ? element('th', { class: 'name', attributes: { scope: 'row' } }, swatch, name, detail)
        : element('td', { class: classOf(column) }),
    );
    const root = element('tr', {}, ...cells);
    const drawn: Drawn<R> = { root, cells, name, detail, swatch, choosable, row };
    root.classList.toggle('fixed', !choosable);
    root.addEventListener('pointerenter', () => this.events.onHover?.(drawn.row.key));
    root.addEventListener('pointerleave', () => this.events.onHover?.(undefined));
    if (!choosable) return drawn;
    root.addEventListener('click', (event) => {
      if (event.detail < 2) this.events.onChoose(drawn.row, event.altKey || event.shiftKey);
    });
    root.addEventListener('dblclick', () => this.events.onOpen?.(drawn.row));
    return drawn;
  }

  private fill(content: GridContent<R>, drawn: Drawn<R>): void {
    const { row, root, cells, name, detail, swatch } = drawn;
    content.columns.forEach((column, i) => {
      setText(column.id === 'name' ? name : cells[i]!, column.text(row));
    });
    const more = content.detailOf?.(row) ?? '';
    setText(detail, more);
    detail.hidden = more === '';
    const place = cells[content.columns.findIndex(({ id }) => id === 'name')];
    if (place !== undefined) place.title = more === '' ? row.name : `${row.name}\n${more}`;
    const colour = content.colourOf?.(row);
    swatch.hidden = colour === undefined;
    if (colour !== undefined) swatch.style.backgroundColor = colour;
    root.style.setProperty('--share', `${(100 * (content.shareOf?.(row) ?? 0)).toFixed(1)}%`);
    root.classList.toggle('part', row.part === true);
    if (!drawn.choosable || content.isChosen === null) return;
    const chosen = content.isChosen(row);
    root.classList.toggle('selected', chosen);
    name.setAttribute('aria-pressed', String(chosen));
  }

  private sum({ columns }: GridContent<R>, cells: readonly string[]): HTMLElement {
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
    const names = this.order
      .map((key) => this.rows.get(key))
      .filter((drawn) => drawn?.choosable === true)
      .map((drawn) => drawn!.name);
    const at = names.indexOf(document.activeElement as HTMLElement);
    if (step === 0 || (at < 0 && document.activeElement !== this.root)) return;
    const next = names[at < 0 ? 0 : at + step];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  }
}

function classOf({ id, numeric }: Pick<GridColumn<GridRow>, 'id' | 'numeric'>): string {
  return numeric ? `number ${id}` : id;
}
