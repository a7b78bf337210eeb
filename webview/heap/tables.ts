/** The tables of a snapshot, one at a time, with a pie of what adds up. */
import { element, setText } from '../common/dom';
import { percent, whole } from '../common/format';
import { bytesText } from '../../extension/profile/bytes';
import { OwnerColours, THE_REST } from '../common/owner-colours';
import { Pie } from '../common/pie';
import { slicesOf } from '../common/slices';
import { readTheme } from '../common/theme';
import { button, setPressed } from '../common/toolkit';
import { columnsOf, growthOf, TABLE_TITLES, type HeapColumn } from './columns';
import { sumRows } from './facts';
import { Grid, type GridContent } from '../common/grid';
import {
  HEAP_TABLES,
  type HeapMessage,
  type HeapPageState,
  type HeapRow,
  type HeapTableName,
  UNCOLLECTED,
} from '../../extension/page/heap';
import { signed } from './tree';

export interface TablesEvents {
  onTable(table: HeapTableName): void;
  /** A row was chosen in the table that is shown. */
  onChoose(row: HeapRow, toSide: boolean): void;
  onOpen(row: HeapRow): void;
}

export class HeapTables {
  readonly root = element('section', { class: 'owners', attributes: { 'aria-label': 'Tables' } });
  private readonly tabs: [HeapTableName, HTMLElement][];
  private readonly note = element('p', { class: 'note', attributes: { role: 'status' } });
  private readonly colours = new OwnerColours(readTheme());
  private readonly pie: Pie;
  private readonly grid: Grid<HeapRow>;
  private message: HeapMessage | undefined;
  private state: Pick<HeapPageState, 'table' | 'owner'> = { table: 'owners', owner: null };
  private hovered: string | undefined;
  private drawn = '';

  constructor(events: TablesEvents) {
    const rowOf = (key: string): HeapRow | undefined =>
      this.rows.find((row) => row.key === key && this.canChoose(row));
    const choose = (key: string): void => {
      const row = rowOf(key);
      if (row !== undefined) events.onChoose(row, false);
    };
    this.pie = new Pie({
      onSelect: choose,
      onOpen: () => undefined,
      onHover: (key) => this.hover(key),
    });
    this.grid = new Grid({
      onChoose: (row, toSide) => events.onChoose(row, toSide),
      onOpen: (row) => events.onOpen(row),
      onHover: (key) => this.hover(key),
    });
    this.tabs = HEAP_TABLES.map((table) => [
      table,
      button({
        label: TABLE_TITLES[table],
        title: TABLE_TITLES[table],
        quiet: true,
        onClick: () => events.onTable(table),
      }),
    ]);
    const attributes = { role: 'group', 'aria-label': 'Table' };
    const tabs = element('div', { class: 'group heap-tabs', attributes });
    tabs.append(...this.tabs.map(([, tab]) => tab));
    const main = element('div', { class: 'owner-main' }, this.pie.root, this.grid.root);
    this.root.append(element('div', { class: 'owner-bar' }, tabs, this.note), main);
  }

  private get rows(): readonly HeapRow[] {
    return this.message?.tables[this.state.table].rows ?? [];
  }

  update(message: HeapMessage, state: Pick<HeapPageState, 'table' | 'owner'>): void {
    this.message = message;
    this.state = state;
    for (const [name, tab] of this.tabs) setPressed(tab, name === state.table);
    const { left } = message.tables[state.table];
    const text = left > 0 ? `${whole(left)} more, with less, are not shown.` : '';
    setText(this.note, text);
    const drawn = `${state.table} ${message.facts.before !== null}`;
    if (drawn !== this.drawn) this.chooseColours(message);
    this.grid.show(this.content(message), drawn === this.drawn);
    this.drawn = drawn;
    this.drawPie();
  }

  /** The largest slices get the colours that are easiest to tell apart. */
  private chooseColours({ facts }: HeapMessage): void {
    this.colours.clear();
    const weightOf = (row: HeapRow): number =>
      facts.before === null ? row.bytes : (growthOf(row) ?? 0);
    const largest = [...this.rows].sort((a, b) => weightOf(b) - weightOf(a));
    for (const row of largest) this.colourOf(row);
  }

  readTheme(): void {
    this.colours.setTheme(readTheme());
    if (this.message !== undefined) this.update(this.message, this.state);
  }

  private content(message: HeapMessage): GridContent<HeapRow> {
    const { facts } = message;
    const { table } = this.state;
    const columns = columnsOf(table, facts);
    const coloured = this.hasPie;
    return {
      caption: `${TABLE_TITLES[table]}: ${table === 'types' ? 'sizes' : 'retained bytes'}`,
      columns,
      rows: this.rows,
      sums: this.sums(message, columns),
      sortBy: facts.before === null ? 'bytes' : 'growth',
      weightOf: (row) => row.bytes,
      canChoose: (row) => this.canChoose(row),
      isChosen: (row) => this.isChosen(row),
      shareOf: (row) => Math.min(1, row.bytes / Math.max(1, facts.reachedBytes)),
      colourOf: (row) => (coloured && !row.part ? this.colourOf(row) : undefined),
      detailOf: (row) => row.path.join(' \u203a '),
    };
  }

  private sums({ facts }: HeapMessage, columns: readonly HeapColumn[]): string[][] {
    const { table } = this.state;
    if (table !== 'owners' && table !== 'types') return [];
    return sumRows(facts).map(([name, pick], i) =>
      columns.map(({ id }) => {
        const growth = facts.before === null ? 0 : pick(facts) - pick(facts.before);
        if (id === 'name') return name;
        if (id === 'bytes') return bytesText(pick(facts));
        if (id === 'before' && facts.before !== null) return bytesText(pick(facts.before));
        if (id === 'growth') return signed(growth);
        if (id === 'share' && i === 0) return percent(1, 1);
        return id === 'objects' && i === 0 ? whole(facts.objects) : '';
      }),
    );
  }

  /** Rows of the other tables hold what others hold too: they are no parts of a whole. */
  private get hasPie(): boolean {
    return this.state.table === 'owners' || this.state.table === 'types';
  }

  private drawPie(): void {
    const { message } = this;
    this.pie.root.hidden = !this.hasPie;
    if (message === undefined || !this.hasPie) return;
    const growing = message.facts.before !== null;
    const rows = this.rows
      .filter((row) => !row.part && !(growing && row.name === UNCOLLECTED))
      .map((row) => ({
        key: row.name === THE_REST ? undefined : row.key,
        name: row.name,
        weight: growing ? Math.max(0, growthOf(row) ?? 0) : row.bytes,
        fill: this.colourOf(row),
        selected: this.isChosen(row),
      }));
    const rest = (): string => this.colours.of({ key: THE_REST, kind: 'other' }, true);
    const what = growing ? 'What has grown' : 'Memory';
    const by = this.state.table === 'types' ? 'type' : 'owner';
    this.pie.update(slicesOf(rows, rest), `${what} by ${by}`, this.hovered);
  }

  private hover(key: string | undefined): void {
    if (this.hovered === key) return;
    this.hovered = key;
    this.grid.hover(key);
    this.drawPie();
  }

  private canChoose(row: HeapRow): boolean {
    const { table } = this.state;
    if (table === 'owners') return row.name !== THE_REST && row.bytes > 0;
    if (table === 'functions') return row.source >= 0;
    return table === 'modules' || table === 'largest';
  }

  private isChosen({ name, kind }: HeapRow): boolean {
    const { owner, table } = this.state;
    return table === 'owners' && owner?.name === name && owner.kind === kind;
  }

  private colourOf({ name }: HeapRow): string {
    return this.colours.of({ key: name, kind: 'plugin' }, false);
  }
}
