/** Runs in a thread of its own: an analysis of millions of objects takes seconds. */
import { parentPort, workerData } from 'node:worker_threads';
import { inflateSync } from 'node:zlib';
import { decodeHeap, makeHeapReport } from '../analysis/heap';
import { GroupingRules } from '../analysis/grouping';

export interface HeapWork {
  /** Of a zlib stream. */
  readonly pieces: readonly Uint8Array[];
  readonly rules: unknown;
}

/** A graph of 100 million objects; a stream that grows beyond it is none. */
const MOST_BYTES = 2 ** 31;

function work({ pieces, rules }: HeapWork): void {
  const bytes = inflateSync(Buffer.concat(pieces), { maxOutputLength: MOST_BYTES });
  parentPort?.postMessage(makeHeapReport(decodeHeap(bytes), new GroupingRules(rules)));
}

work(workerData as HeapWork);
