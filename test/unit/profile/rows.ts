/** Rows of batches that tests make by hand. */
import type { StackRows } from '../../../extension/profile/rows';

/** The time that one sample of CPU time stands for, unless a test says otherwise. */
export const PERIOD_US = 10_101;

interface Columns {
  readonly stacks: readonly number[];
  /** Absent: all of worker 100. */
  readonly pids?: readonly number[];
  /** Absent: 0. */
  readonly labels?: readonly number[];
  readonly requests?: readonly number[];
  /** Absent: 1. */
  readonly counts?: readonly number[];
  readonly values?: number | readonly number[];
}

/** Rows of CPU time, or of another series. */
export function stackRows(
  { stacks, pids, labels, requests = [], counts, values = PERIOD_US }: Columns,
  series = 'cpu',
): StackRows {
  const all = (value: number) => stacks.map(() => value);
  return {
    series,
    stacks: Uint32Array.from(stacks),
    pids: Uint32Array.from(pids ?? all(100)),
    labels: Uint32Array.from(labels ?? all(0)),
    requests: Uint32Array.from(requests),
    counts: Uint32Array.from(counts ?? all(1)),
    values: typeof values === 'number' ? values : Float64Array.from(values),
  };
}
