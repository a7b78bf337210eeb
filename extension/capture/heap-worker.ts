/** Runs in a thread of its own: an analysis of millions of objects takes seconds. */
import { totalmem } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { inflateSync } from 'node:zlib';
import { decodeHeap, HeapTooLarge, makeHeapReport, type HeapReport } from '../analysis/heap';
import { GroupingRules } from '../analysis/grouping';

export interface HeapWork {
  /** Of a zlib stream. */
  readonly pieces: readonly Uint8Array[];
  readonly rules: unknown;
  /** Of memory; absent: {@link mostBytesHere}. */
  readonly mostBytes?: number | undefined;
}

/** Absent report: it would have taken more than `mostBytes`. */
export interface HeapResult {
  readonly report?: HeapReport;
  readonly mostBytes: number;
}

/**
 * A Lua heap of a gigabyte has some 15 million objects, whose analysis takes 4 GB. The user's machine
 * has other things to do, so half of its memory is the most.
 */
const MOST_BYTES = 4 * 2 ** 30;

function mostBytesHere(): number {
  return Math.min(MOST_BYTES, Math.floor(totalmem() / 2));
}

function work({ pieces, rules, mostBytes = mostBytesHere() }: HeapWork): HeapResult {
  try {
    const bytes = inflated(pieces, mostBytes);
    return {
      report: makeHeapReport(decodeHeap(bytes, mostBytes), new GroupingRules(rules)),
      mostBytes,
    };
  } catch (error) {
    if (error instanceof HeapTooLarge) return { mostBytes };
    throw error;
  }
}

/** The graph itself is a small part of what is made of it. */
function inflated(pieces: readonly Uint8Array[], mostBytes: number): Uint8Array {
  try {
    return inflateSync(Buffer.concat(pieces), { maxOutputLength: Math.floor(mostBytes / 4) });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') throw error;
    throw new HeapTooLarge(mostBytes);
  }
}

parentPort?.postMessage(work(workerData as HeapWork));
