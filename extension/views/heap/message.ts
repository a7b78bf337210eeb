/** A snapshot, or two of one worker compared, as the page shows them: cut to what can be read. */
import { treeGrowth } from '../../analysis/heap/compare';
import type { HeapReport } from '../../analysis/heap/report';
import type { HeapTree } from '../../analysis/heap/tree';
import type { HeapSnapshot } from '../../capture/heap-snapshot';
import { bytesText } from '../../profile/bytes';
import { FrameKind } from '../../profile/frames';
import { visible, type AllVisible } from '../../common/outside';
import { fileText } from '../../profile/names';
import {
  HEAP_KINDS,
  type HeapFacts,
  type HeapFrameRow,
  type HeapMessage,
  type HeapTotals,
  type HeapTreeMessage,
  type SnapshotName,
  UNCOLLECTED,
} from '../../page/heap';
import type { SourceList } from './source-list';
import { heapTables } from './tables';

export interface KeptSnapshot extends HeapSnapshot {
  /** Of this worker, from 1 on. */
  readonly id: number;
  /** Unix milliseconds. */
  readonly takenAt: number;
}

export function heapMessage(
  worker: string,
  snapshots: readonly KeptSnapshot[],
  shown: KeptSnapshot,
  compared: KeptSnapshot | undefined,
  sources: SourceList,
): Omit<AllVisible<HeapMessage>, 'cannotTake'> {
  const before = compared?.report;
  return {
    type: 'heap',
    id: `${shown.takenAt} ${compared?.takenAt ?? ''}`,
    snapshots: snapshots.map(nameOf),
    shown: shown.id,
    compared: compared?.id ?? null,
    facts: factsOf(worker, shown, before),
    tables: heapTables(shown.report, before, sources),
    tree: treeMessage(shown.report.tree, before?.tree, sources),
  };
}

export function nameOf({ id, takenAt, report }: KeptSnapshot): AllVisible<SnapshotName> {
  const time = new Date(takenAt).toTimeString().slice(0, 8);
  return { id, text: visible(`#${id}, ${time}, ${bytesText(report.gcTotalBytes)}`) };
}

function factsOf(
  worker: string,
  shown: KeptSnapshot,
  before: HeapReport | undefined,
): AllVisible<HeapFacts> {
  const { takenAt, pauseMs, copiedBytes, report } = shown;
  return {
    worker: visible(worker, 200),
    takenAt,
    pauseMs,
    copiedBytes,
    ...totals(report),
    before: before === undefined ? null : totals(before),
  };
}

function totals({ gcTotalBytes, reachedBytes, objects, owners }: HeapReport): HeapTotals {
  const uncollectedBytes = owners.find(({ name }) => name === UNCOLLECTED)?.retainedBytes ?? 0;
  return { gcTotalBytes, reachedBytes, objects, uncollectedBytes };
}

function treeMessage(
  after: HeapTree,
  before: HeapTree | undefined,
  sources: SourceList,
): AllVisible<HeapTreeMessage> {
  const growth = before && treeGrowth(before, after);
  const { parents, places, frames, bytes, smallestBytes } = growth ?? after;
  const rows = frames.map(({ name, kind, source }): AllVisible<HeapFrameRow> => {
    const file = source === undefined ? '' : fileText(source.chunk, FrameKind.Lua);
    return {
      name: visible(name, 300),
      kind: HEAP_KINDS.indexOf(kind),
      file: visible(file, 300),
      line: source?.line ?? 0,
      source: sources.add(source),
    };
  });
  const numbers = { parents: [...parents], places: [...places], bytes: [...bytes], smallestBytes };
  return { ...numbers, frames: rows, before: growth === undefined ? null : [...growth.before] };
}
