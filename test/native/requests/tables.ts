/** Rows of tables as the wire has them, with questions that tests ask of them. */
import type { FromProbe } from '../../../extension/probe/generated/acupoint_pb';

type Batch = Extract<FromProbe['message'], { case: 'batch' }>['value'];

/** Keys by name; texts as they are, numbers as texts. */
export type Keys = Readonly<Record<string, string>>;

export interface Row {
  readonly keys: Keys;
  readonly pid: number;
  readonly count: number;
  readonly sum: number;
  readonly least: number;
  readonly most: number;
  /** As far as their buckets tell. Empty where the series keeps none. */
  readonly values: readonly number[];
}

/** So many values, evenly over a bucket; see TableRows in acupoint.proto. */
function valuesIn(bucket: number, count: number): number[] {
  const shift = bucket < 64 ? 0 : (bucket >> 5) - 1;
  const value = (i: number) => (bucket - 32 * shift + (i + 0.5) / count) * 2 ** shift;
  return Array.from({ length: count }, (_, i) => (bucket < 64 ? bucket : value(i)));
}

/** All rows of a series, by its name, in the order in which they came. */
export function rowsOf(batches: readonly Batch[], name: string): Row[] {
  const strings = ['', ...batches.flatMap((batch) => batch.strings)];
  const series = batches.flatMap((batch) => batch.series);
  const id = series.findIndex((one) => one.name === name) + 1;
  const keys = series[id - 1]?.keys ?? [];
  return batches
    .flatMap((batch) => batch.tables)
    .filter((table) => table.series === id)
    .flatMap((table) => {
      let next = 0;
      return table.pids.map((pid, row): Row => {
        const values: number[] = [];
        const end = next + (table.bucketRows[row] ?? 0);
        for (; next < end; next++) {
          values.push(...valuesIn(table.buckets[next]!, Number(table.bucketCounts[next])));
        }
        const texts = keys.map(({ name: key, number }, column) => {
          const value = table.keys[row * keys.length + column]!;
          return [key, number ? String(value) : strings[value]!] as const;
        });
        return {
          keys: Object.fromEntries(texts),
          pid,
          count: Number(table.counts[row]),
          sum: Number(table.sums[row]),
          least: Number(table.least[row]),
          most: Number(table.most[row]),
          values,
        };
      });
    });
}

export const countOf = (rows: readonly Row[]) => rows.reduce((sum, { count }) => sum + count, 0);

export const sumOf = (rows: readonly Row[]) => rows.reduce((sum, row) => sum + row.sum, 0);

export const valuesOf = (rows: readonly Row[]) => rows.flatMap(({ values }) => values);

/** How many there are of each of several keys together. */
export function countsBy(rows: readonly Row[], ...names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { keys, count } of rows) {
    const key = names.map((name) => keys[name]).join(' ');
    counts.set(key, (counts.get(key) ?? 0) + count);
  }
  return counts;
}

/** The value that so many percent are not above. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? NaN;
}
