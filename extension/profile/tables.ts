/** Tables of a profile: sums, counts and percentiles by keys, of any window of time. */
import { addBuckets, type Buckets, noBuckets, percentile } from './histogram';
import type { KeyValue, SeriesInfo, TableRows } from './rows';

export interface TableQuery {
  /** Microseconds since the capture began; inclusive, and exclusive. To a second; of what is older
   * than five minutes, to ten. */
  readonly fromUs: number;
  readonly toUs: number;
  /** Only these processes; empty or absent: all. */
  readonly pids?: Uint32Array;
  /** By name of a key: the values that rows must have one of. */
  readonly where?: ReadonlyMap<string, ReadonlySet<KeyValue>>;
  /** Changes the value of a key before rows are chosen and grouped by it. */
  readonly as?: (key: string, value: KeyValue) => KeyValue;
}

export interface TableRow {
  /** In the order of what it was grouped by. */
  readonly keys: readonly KeyValue[];
  readonly count: number;
  readonly sum: number;
  readonly least: number;
  readonly most: number;
  /** null: the series keeps no buckets. */
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
}

/** How values lie in each stretch of time. */
export interface TableColumns {
  readonly fromUs: number;
  readonly columnUs: number;
  readonly columns: readonly Buckets[];
}

/** A number of columns that a screen has. */
const MOST_COLUMNS = 4096;
/** Intervals of a second are kept so long; then ten of them become one. */
const FINE_SECONDS = 300;
export const COARSE_SECONDS = 10;
/** A pair of a tuple and a process must be a number of JavaScript. */
const MOST_TUPLES = 2 ** 21;

interface Cell {
  readonly tuple: number;
  readonly pid: number;
  readonly count: number;
  readonly sum: number;
  readonly least: number;
  readonly most: number;
  readonly values: Buckets;
}

interface Interval {
  readonly second: number;
  /** End of the last batch in it. */
  endUs: number;
  /** By tuple and process. */
  readonly cells: Map<number, Cell>;
}

/** The log of one table. */
export class TableLog {
  /** Tuples of keys that rows had, by number. */
  private readonly tuples: (readonly KeyValue[])[] = [];
  private readonly numbers = new Map<string, number>();
  private coarse: Interval[] = [];
  private fine: Interval[] = [];

  constructor(readonly info: SeriesInfo) {}

  /**
   * Times never go back.
   * @throws RangeError where columns do not fit together; nothing is added then.
   */
  append(timeUs: number, rows: TableRows): void {
    checkTable(rows, this.info);
    if (rows.pids.length === 0) return;
    const interval = this.intervalAt(timeUs);
    const width = this.info.keys.length;
    let bucket = 0;
    for (let row = 0; row < rows.pids.length; row++) {
      const start = bucket;
      bucket += rows.bucketRows[row] ?? 0;
      if (rows.counts[row] === 0) continue;
      const tuple = this.numberOf(rows.keys.slice(row * width, (row + 1) * width));
      addCell(interval.cells, {
        tuple,
        pid: rows.pids[row]!,
        count: rows.counts[row]!,
        sum: rows.sums[row]!,
        least: rows.least[row]!,
        most: rows.most[row]!,
        values: {
          buckets: Array.from(rows.buckets.subarray(start, bucket)),
          counts: Array.from(rows.bucketCounts.subarray(start, bucket)),
        },
      });
    }
  }

  /**
   * Rows of equal values in the keys `by` are one; by descending sum, then by their keys.
   * @throws RangeError for a key that the table does not have.
   */
  rows(query: TableQuery, by: readonly string[]): TableRow[] {
    const columns = by.map((name) => this.columnOf(name));
    const groups = new Map<string, { keys: KeyValue[]; sums: Cell }>();
    this.each(query, (cell, keys) => {
      const values = columns.map((column) => keys[column]!);
      const id = textOf(values);
      const known = groups.get(id);
      groups.set(id, { keys: values, sums: known ? together(known.sums, cell) : cell });
    });
    return [...groups]
      .sort(([a, one], [b, other]) => other.sums.sum - one.sums.sum || (a < b ? -1 : 1))
      .map(([, { keys, sums }]) => rowOf(keys, sums));
  }

  /**
   * @param untilUs end of the last column, where the query is open.
   * @param columnUs made longer where there would be too many of them.
   */
  columns(query: TableQuery, columnUs: number, untilUs: number): TableColumns {
    const fromUs = Math.max(0, query.fromUs);
    const toUs = Math.max(fromUs, Math.min(query.toUs, untilUs));
    const width = Math.max(1, columnUs, Math.ceil((toUs - fromUs) / MOST_COLUMNS));
    const columns = new Array<Buckets>(Math.ceil((toUs - fromUs) / width)).fill(noBuckets);
    this.each(query, (cell, _keys, endUs) => {
      // An interval's time is its end.
      const at = Math.min(columns.length - 1, Math.floor(Math.max(0, endUs - 1 - fromUs) / width));
      if (at >= 0) columns[at] = addBuckets(columns[at]!, cell.values);
    });
    return { fromUs, columnUs: width, columns };
  }

  /** How many stretches of time its rows are kept in. */
  get intervals(): number {
    return this.coarse.length + this.fine.length;
  }

  /** Forgets all rows. */
  clear(): void {
    this.coarse = [];
    this.fine = [];
  }

  private each(
    query: TableQuery,
    visit: (cell: Cell, keys: readonly KeyValue[], endUs: number) => void,
  ): void {
    const pids = query.pids?.length ? new Set(query.pids) : undefined;
    const tuples = this.chosen(query);
    for (const { endUs, cells } of [...this.coarse, ...this.fine]) {
      if (endUs < query.fromUs || endUs >= query.toUs) continue;
      for (const cell of cells.values()) {
        const keys = tuples[cell.tuple];
        if (keys === undefined || (pids && !pids.has(cell.pid))) continue;
        visit(cell, keys, endUs);
      }
    }
  }

  /** Keys of each tuple that the query takes in, as the query wants them. */
  private chosen({ where, as }: TableQuery): (readonly KeyValue[] | undefined)[] {
    const { keys: names } = this.info;
    const wanted = [...(where ?? [])].map(([name, set]) => [this.columnOf(name), set] as const);
    return this.tuples.map((tuple) => {
      const values = as ? tuple.map((value, i) => as(names[i]!.name, value)) : tuple;
      return wanted.every(([column, set]) => set.has(values[column]!)) ? values : undefined;
    });
  }

  private columnOf(name: string): number {
    const column = this.info.keys.findIndex((key) => key.name === name);
    if (column < 0) throw new RangeError(`${this.info.name} has no key ${name}`);
    return column;
  }

  private numberOf(keys: readonly KeyValue[]): number {
    const text = textOf(keys);
    let number = this.numbers.get(text);
    if (number === undefined) {
      if (this.tuples.length >= MOST_TUPLES) throw new RangeError('a table of too many keys');
      number = this.tuples.push(keys) - 1;
      this.numbers.set(text, number);
    }
    return number;
  }

  /** The interval of this second, at the end of all. */
  private intervalAt(timeUs: number): Interval {
    const second = Math.floor(timeUs / 1e6);
    let last = this.fine.at(-1);
    if (last === undefined || last.second < second) {
      last = { second, endUs: timeUs, cells: new Map() };
      this.fine.push(last);
      this.mergeOld(second - FINE_SECONDS);
    }
    last.endUs = timeUs;
    return last;
  }

  /** Merges what lies before this second. */
  private mergeOld(before: number): void {
    let old = 0;
    for (; old < this.fine.length && this.fine[old]!.second < before; old++) {
      const { second, endUs, cells } = this.fine[old]!;
      const start = second - (second % COARSE_SECONDS);
      const last = this.coarse.at(-1);
      if (last?.second === start) {
        for (const cell of cells.values()) addCell(last.cells, cell);
        last.endUs = endUs;
      } else {
        this.coarse.push({ second: start, endUs, cells });
      }
    }
    if (old > 0) this.fine = this.fine.slice(old);
  }
}

/** Throws RangeError where columns do not fit together. */
export function checkTable(rows: TableRows, info: SeriesInfo): void {
  const { pids, keys, counts, sums, least, most, bucketRows, buckets, bucketCounts } = rows;
  const columns = [counts, sums, least, most];
  const inBuckets = bucketRows.reduce((sum, count) => sum + count, 0);
  if (
    columns.some((column) => column.length !== pids.length) ||
    keys.length !== pids.length * info.keys.length ||
    (bucketRows.length !== 0 && bucketRows.length !== pids.length) ||
    buckets.length !== inBuckets ||
    bucketCounts.length !== inBuckets
  )
    throw new RangeError('table columns differ in length');
}

function addCell(cells: Map<number, Cell>, cell: Cell): void {
  const id = cell.tuple * 2 ** 32 + cell.pid;
  const known = cells.get(id);
  cells.set(id, known ? together(known, cell) : cell);
}

/** Of one tuple and process, or of the group that both are in. */
function together(one: Cell, other: Cell): Cell {
  return {
    tuple: one.tuple,
    pid: one.pid,
    count: one.count + other.count,
    sum: one.sum + other.sum,
    least: Math.min(one.least, other.least),
    most: Math.max(one.most, other.most),
    values: addBuckets(one.values, other.values),
  };
}

function rowOf(keys: readonly KeyValue[], { count, sum, least, most, values }: Cell): TableRow {
  const at = (part: number): number | null => {
    const value = percentile(values, part);
    return value === undefined ? null : Math.min(most, Math.max(least, value));
  };
  const percentiles = { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999) };
  return { keys, count, sum, least, most, ...percentiles };
}

/** No two tuples have one text: a text is preceded by its length. */
function textOf(keys: readonly KeyValue[]): string {
  return keys.map((key) => (typeof key === 'number' ? `${key}#` : `${key.length}:${key}`)).join('');
}
