/** How sure the middle of values is that came in pairs, whatever their spread looks like. */

/** Of the normal distribution, for 95 %. */
const Z = 1.96;

export interface Interval {
  /** By Hodges and Lehmann: the median of all averages of two values. */
  readonly middle: number;
  /** Of the values: half of them are between these. */
  readonly quartiles: readonly [number, number];
  /** Of the middle, 95 %: by the ranks of Wilcoxon's test. */
  readonly low: number;
  readonly high: number;
}

const at = (sorted: Float64Array, share: number) =>
  sorted[Math.min(sorted.length - 1, Math.max(0, Math.floor(share * sorted.length)))] ?? NaN;

/** Of ten values or more; of fewer the interval is what they span. @throws where there are none. */
export function intervalOf(values: readonly number[]): Interval {
  const n = values.length;
  if (n === 0) throw new Error('Nothing was measured.');
  const averages = new Float64Array((n * (n + 1)) / 2);
  let next = 0;
  for (let i = 0; i < n; i++)
    for (let j = i; j < n; j++) averages[next++] = ((values[i] ?? NaN) + (values[j] ?? NaN)) / 2;
  averages.sort();
  const sorted = Float64Array.from(values).sort();
  const spread = Z * Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24);
  const rank = Math.max(0, Math.floor(averages.length / 2 - spread));
  return {
    middle: at(averages, 0.5),
    quartiles: [at(sorted, 0.25), at(sorted, 0.75)],
    low: averages[rank] ?? NaN,
    high: averages[averages.length - 1 - rank] ?? NaN,
  };
}
