/** Reads the inputs of a range, one after another, and says which one it is at. */
import { parentPort, workerData } from 'node:worker_threads';
import { randomOf } from '../unit/probe/recording/dialogue';
import { faults, targets, type Target } from './targets';

export interface Work {
  readonly target: string;
  readonly seed: number;
  readonly first: number;
  readonly step: number;
  /** How many of it, and until when in Unix milliseconds. */
  readonly count: number;
  readonly untilMs: number;
  /** The place of the input that is being read. */
  readonly at: SharedArrayBuffer;
}

/** The input at that place: the same in every run. */
export function inputAt(target: Target, seed: number, index: number): Uint8Array {
  return target.make(randomOf(Math.imul(index, 0x9e3779b1) ^ seed));
}

async function work({ target, seed, first, step, count, untilMs, at }: Work): Promise<void> {
  const place = new Int32Array(at);
  const reader = targets[target]!;
  let done = 0;
  for (; done < count; done++) {
    if (done % 64 === 0 && Date.now() > untilMs) break;
    const index = first + done * step;
    place[0] = index;
    place[1] = done;
    await reader.read(inputAt(reader, seed, index));
    if (faults.length > 0) throw faults[0];
  }
  parentPort?.postMessage(done);
}

// Most inputs end in an error, and its stack costs more than reading them.
if (parentPort) Error.stackTraceLimit = 0;
if (parentPort) void work(workerData as Work);
