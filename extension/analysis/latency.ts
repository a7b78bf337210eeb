/** How long requests took: by what they were for, and over time. */
import { addBuckets, bucketStart, type Buckets, noBuckets, percentile } from '../profile/histogram';
import type { KeyValue } from '../profile/rows';
import { type RequestKind, tablesOf } from '../profile/request-tables';
import type { TableLog, TableQuery, TableRow } from '../profile/tables';

/** Tables of the profile by name. */
export interface Tables {
  table(name: string): TableLog | undefined;
}

export interface LatencySums {
  readonly count: number;
  readonly sumUs: number;
  readonly p50Us: number;
  readonly p90Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly maxUs: number;
  readonly hiddenUs: number;
  readonly upstreamUs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export interface LatencySumsOf extends LatencySums {
  readonly key: string;
}

/** The name of a row without a value of the key. */
export const noValue = 'not known';

/** Of requests as a whole; undefined: none were seen. */
export function latencyOfAll(
  tables: Tables,
  query: TableQuery,
  of: RequestKind = 'requests',
): LatencySums | undefined {
  const [row] = latencyRows(tables, query, [], of);
  return row;
}

/** By descending sum. */
export function latencyBy(
  tables: Tables,
  query: TableQuery,
  key: string,
  of: RequestKind = 'requests',
): LatencySumsOf[] {
  return latencyRows(tables, query, [key], of);
}

/** The value of a key as rows are called by. */
export function keyText(value: KeyValue | undefined): string {
  return value === undefined || value === '' || value === 0 ? noValue : String(value);
}

function latencyRows(
  tables: Tables,
  query: TableQuery,
  by: string[],
  of: RequestKind,
): LatencySumsOf[] {
  const named = { ...query, as: (_key: string, value: KeyValue) => keyText(value) };
  const names = tablesOf(of);
  const sums = (name: string | undefined) => sumsBy(tables, name, named, by);
  const hidden = sums(names.hiddenUs);
  const upstream = sums(names.upstreamUs);
  const into = sums(names.bytesIn);
  const out = sums(names.bytesOut);
  const rows = tables.table(names.latency)?.rows(named, by) ?? [];
  return rows.map((row) => {
    const key = String(row.keys[0] ?? '');
    return {
      key,
      ...figuresOf(row),
      hiddenUs: hidden.get(key) ?? 0,
      upstreamUs: upstream.get(key) ?? 0,
      bytesIn: into.get(key) ?? 0,
      bytesOut: out.get(key) ?? 0,
    };
  });
}

function figuresOf({ count, sum, most, p50, p90, p99, p999 }: TableRow) {
  return {
    count,
    sumUs: sum,
    p50Us: p50 ?? 0,
    p90Us: p90 ?? 0,
    p99Us: p99 ?? 0,
    p999Us: p999 ?? 0,
    maxUs: most,
  };
}

function sumsBy(tables: Tables, name: string | undefined, query: TableQuery, by: string[]) {
  const rows = (name !== undefined && tables.table(name)?.rows(query, by)) || [];
  return new Map(rows.map(({ keys, sum }) => [String(keys[0] ?? ''), sum]));
}

/** Columns of a heat map; see extension/page/latency.ts. */
export interface Heat {
  readonly timesUs: number[];
  readonly columnUs: number;
  readonly edgesUs: number[];
  readonly counts: number[][];
  readonly columns: readonly Buckets[];
}

const SECOND_US = 1e6;
/** Lengths of columns that people can count with, in seconds. */
const STEPS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600];
/** More columns than this are no wider than a few pixels. */
const MOST_COLUMNS = 180;
/** Of the table's buckets: four rows to each power of two. */
const BUCKETS_A_ROW = 8;

/**
 * From the first request of the query on, to its end.
 * @param untilUs where the query is open.
 */
export function heatOf(
  tables: Tables,
  query: TableQuery,
  untilUs: number,
  of: RequestKind = 'requests',
): Heat {
  const named = { ...query, as: (_key: string, value: KeyValue) => keyText(value) };
  const fine = tables.table(tablesOf(of).latency)?.columns(named, SECOND_US, untilUs);
  const first = fine?.columns.findIndex(({ buckets }) => buckets.length > 0) ?? -1;
  if (fine === undefined || first < 0) {
    return { timesUs: [], columnUs: SECOND_US, edgesUs: [], counts: [], columns: [] };
  }
  const shown = fine.columns.slice(first);
  const seconds = (shown.length * fine.columnUs) / SECOND_US;
  const step = STEPS.find((each) => seconds / each <= MOST_COLUMNS) ?? STEPS.at(-1)!;
  const group = Math.max(1, Math.round((step * SECOND_US) / fine.columnUs));
  const columns: Buckets[] = [];
  for (let at = 0; at < shown.length; at += group) {
    columns.push(shown.slice(at, at + group).reduce(addBuckets, noBuckets));
  }
  const columnUs = group * fine.columnUs;
  const startUs = fine.fromUs + first * fine.columnUs;
  const timesUs = columns.map((_, i) => startUs + i * columnUs);
  return { timesUs, columnUs, columns, ...rowsOf(columns) };
}

function rowsOf(columns: readonly Buckets[]): Pick<Heat, 'edgesUs' | 'counts'> {
  const rowOf = (bucket: number): number => Math.floor(bucket / BUCKETS_A_ROW);
  const used = columns.flatMap(({ buckets }) => [buckets[0], buckets.at(-1)]);
  const ends = used.filter((bucket) => bucket !== undefined).map(rowOf);
  const low = Math.min(...ends);
  const rows = Math.max(...ends) - low + 1;
  const edgesUs = Array.from({ length: rows + 1 }, (_, i) =>
    bucketStart((low + i) * BUCKETS_A_ROW),
  );
  const counts = columns.map(({ buckets, counts: held }) => {
    if (buckets.length === 0) return [];
    const sums = new Array<number>(rows).fill(0);
    buckets.forEach((bucket, i) => (sums[rowOf(bucket) - low]! += held[i]!));
    return sums;
  });
  return { edgesUs, counts };
}

/** By column; null where it has no requests. */
export function percentiles(columns: readonly Buckets[], part: number): (number | null)[] {
  return columns.map((column) => percentile(column, part) ?? null);
}
