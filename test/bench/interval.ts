/** How sure a median is: its 95 % interval by the bootstrap, the same one for the same values. */
import { median } from './verdict';

const RESAMPLES = 4000;

export interface Interval {
  readonly median: number;
  /** Of the values: half of them are between these. */
  readonly quartiles: readonly [number, number];
  /** Of the median. */
  readonly low: number;
  readonly high: number;
}

const at = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;

/** @throws where there are no values. */
export function intervalOf(values: readonly number[]): Interval {
  const ascending = (list: readonly number[]) => [...list].sort((a, b) => a - b);
  let state = 0x2545f491;
  const draw = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return values[Math.floor((state / 2 ** 32) * values.length)] ?? NaN;
  };
  const medians = ascending(
    Array.from({ length: RESAMPLES }, () => median(Array.from(values, draw))),
  );
  const sorted = ascending(values);
  return {
    median: median(values),
    quartiles: [at(sorted, 0.25), at(sorted, 0.75)],
    low: at(medians, 0.025),
    high: at(medians, 0.975),
  };
}
