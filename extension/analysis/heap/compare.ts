/** What grew from one snapshot of a worker to the next, and who holds it. */
import type { HeapReport } from './report';

export interface Growth {
  /** The owner, its module or the way to it. */
  readonly frames: readonly string[];
  readonly before: number;
  readonly after: number;
}

/** By owner, largest growth first; owners that shrank come last. */
export function ownerGrowth(before: HeapReport, after: HeapReport): Growth[] {
  const rows = (report: HeapReport) =>
    report.owners.map(({ name, retainedBytes }) => ({ frames: [name], bytes: retainedBytes }));
  return growth(rows(before), rows(after));
}

/** By the places that hold it; each place is counted without what is below it. */
export function placeGrowth(before: HeapReport, after: HeapReport): Growth[] {
  return growth(before.stacks, after.stacks);
}

interface Row {
  readonly frames: readonly string[];
  readonly bytes: number;
}

function growth(before: readonly Row[], after: readonly Row[]): Growth[] {
  const rows = new Map<string, { frames: readonly string[]; before: number; after: number }>();
  const add = (row: Row, side: 'before' | 'after') => {
    const key = row.frames.join('\n');
    const known = rows.get(key) ?? { frames: row.frames, before: 0, after: 0 };
    known[side] += row.bytes;
    rows.set(key, known);
  };
  for (const row of before) add(row, 'before');
  for (const row of after) add(row, 'after');
  return [...rows.values()]
    .filter((row) => row.before !== row.after)
    .sort((left, right) => right.after - right.before - (left.after - left.before));
}
