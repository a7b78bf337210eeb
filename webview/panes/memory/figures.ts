/** A table of figures whose rows stay the same elements, so that the keyboard keeps its place. */
import { element, setText } from '../../common/dom';

export interface Column {
  readonly head: string;
  readonly title?: string;
  /** Not to the right. */
  readonly isText?: boolean;
}

export interface Row {
  readonly id: string;
  /** As many as columns; the first is the row's name. */
  readonly cells: readonly string[];
  /** Its last figure is worth a look. */
  readonly noted?: boolean;
}

export class Figures {
  readonly root: HTMLElement;
  private readonly body = element('tbody');
  private readonly rows = new Map<string, HTMLTableRowElement>();

  /** @param begin makes what stands in the first cell beside the name, and in the last one. */
  constructor(
    caption: string,
    private readonly columns: readonly Column[],
    private readonly begin?: (id: string) => { name: HTMLElement; last: HTMLElement },
  ) {
    const heads = columns.map(({ head, title, isText }) =>
      element('th', {
        text: head,
        class: isText === true ? '' : 'number',
        attributes: { scope: 'col', ...(title !== undefined && { title }) },
      }),
    );
    if (begin !== undefined) heads.push(element('td'));
    const table = element('table', {}, element('caption', { text: caption }));
    table.append(element('thead', {}, element('tr', {}, ...heads)), this.body);
    const attributes = { tabindex: '0', role: 'region', 'aria-label': caption };
    this.root = element('div', { class: 'memory-figures', attributes }, table);
  }

  update(rows: readonly Row[]): void {
    const wanted = new Set(rows.map(({ id }) => id));
    for (const [id, row] of this.rows) {
      if (wanted.has(id)) continue;
      row.remove();
      this.rows.delete(id);
    }
    rows.forEach((row, place) => {
      const made = this.rows.get(row.id) ?? this.make(row.id);
      if (this.body.children[place] !== made) {
        this.body.insertBefore(made, this.body.children[place] ?? null);
      }
      row.cells.forEach((text, i) => setText(this.cell(made, i), text));
      made.classList.toggle('noted', row.noted === true);
    });
  }

  /** Marks the row that something else is about. */
  select(id: string): void {
    for (const [each, row] of this.rows) {
      row.classList.toggle('selected', each === id);
      row.querySelector('button')?.setAttribute('aria-pressed', String(each === id));
    }
  }

  private cell(row: HTMLTableRowElement, i: number): HTMLElement {
    const cell = row.cells[i]!;
    return i === 0 ? (cell.querySelector('button') ?? cell) : cell;
  }

  private make(id: string): HTMLTableRowElement {
    const parts = this.begin?.(id);
    const name = element('th', { attributes: { scope: 'row' } });
    if (parts !== undefined) name.append(parts.name);
    const cells = this.columns
      .slice(1)
      .map(({ isText }) => element('td', { class: isText === true ? '' : 'number' }));
    const made = element('tr', {}, name, ...cells);
    if (parts !== undefined) made.append(element('td', {}, parts.last));
    this.rows.set(id, made);
    return made;
  }
}
