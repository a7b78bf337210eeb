/**
 * Says what a snapshot is of, how it was taken, and how much of the heap it found: in one line
 * each.
 */
import { bytesText } from '../../extension/profile/bytes';
import { percent, whole } from '../common/format';
import { growthOf } from './columns';
import {
  type HeapFacts,
  type HeapMessage,
  type HeapTotals,
  UNCOLLECTED,
} from '../../extension/page/heap';
import { signed } from './tree';

export function factsText(facts: HeapFacts): string {
  const { worker, takenAt, gcTotalBytes, reachedBytes, objects } = facts;
  return [
    worker,
    new Date(takenAt).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' }),
    `${bytesText(gcTotalBytes)} in ${whole(objects)} objects ` +
      `(${percent(reachedBytes, gcTotalBytes)} attributed)`,
    howText(facts),
  ].join(' · ');
}

function howText({ pauseMs, copiedBytes }: HeapFacts): string {
  const copied = `${bytesText(copiedBytes)} copied`;
  return pauseMs === 0
    ? `worker not paused: it slept (${copied})`
    : `worker paused ${pauseMs.toFixed(1)} ms (${copied})`;
}

/** '' where nothing is compared. */
export function growthText({ facts, tables, snapshots, compared }: HeapMessage): string {
  if (facts.before === null) return '';
  const with_ = snapshots.find(({ id }) => id === compared)?.text ?? '';
  const rows = tables.owners.rows.filter(({ name }) => name !== UNCOLLECTED);
  rows.sort((a, b) => (growthOf(b) ?? 0) - (growthOf(a) ?? 0));
  const [most] = rows;
  const grown = most === undefined ? 0 : (growthOf(most) ?? 0);
  const who = grown > 0 ? `${most!.name} has grown most: ${signed(grown)}` : 'no owner has grown';
  const by = (of: (totals: HeapTotals) => number): string => signed(of(facts) - of(facts.before!));
  return (
    `Compared with ${with_}: ${by(heldBytes)} held; ${who}. ` +
    `Garbage, freed at the next GC: ${by((of) => of.uncollectedBytes)}. The collector counts ` +
    `${by((of) => of.gcTotalBytes)} in all`
  );
}

function heldBytes({ reachedBytes, uncollectedBytes }: HeapTotals): number {
  return reachedBytes - uncollectedBytes;
}

/**
 * The rows below the owners: what was found is all of them together, and differs from what the
 * collector counts by what lies in no object.
 */
export function sumRows(facts: HeapFacts): [name: string, pick: (of: HeapTotals) => number][] {
  const over = facts.reachedBytes > facts.gcTotalBytes;
  const missing = over
    ? 'Found beyond the collector\u2019s count'
    : 'Counted by the collector, found in no object';
  return [
    ['Sum: all that was found', (of) => of.reachedBytes],
    [missing, (of) => of.gcTotalBytes - of.reachedBytes],
    ['Collector\u2019s count', (of) => of.gcTotalBytes],
  ];
}
