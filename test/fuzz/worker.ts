/** Reads the groups of a range, one after another, and says which input it is at. */
import { parentPort, workerData } from 'node:worker_threads';
import { randomOf } from '../unit/probe/recording/dialogue';
import type { Random } from './mutate';
import { faults } from './reading';
import { targets } from './targets';

export interface Work {
  readonly target: string;
  readonly seed: number;
  /** The first group, how many of them, and each how far behind the one before. */
  readonly first: number;
  readonly step: number;
  readonly count: number;
  /** Unix milliseconds. */
  readonly untilMs: number;
  /** The number of the input that is being read, and how many were begun. */
  readonly at: SharedArrayBuffer;
}

/** Makes a group's random numbers: the same in every run. */
export function randomOfGroup(seed: number, group: number): Random {
  return randomOf(Math.imul(group, 0x9e3779b1) ^ seed);
}

async function work({ target, seed, first, step, count, untilMs, at }: Work): Promise<void> {
  const now = new Int32Array(at);
  const reader = targets[target]!;
  for (let done = 0; done < count && Date.now() <= untilMs; done++) {
    const group = first + done * step;
    await reader.read(randomOfGroup(seed, group), (place) => {
      if (faults.length > 0) throw faults[0];
      now[0] = group * reader.group + place;
      now[1]!++;
    });
    // Whatever was left to a later turn belongs to this group as well.
    await new Promise((resolve) => setImmediate(resolve));
    if (faults.length > 0) throw faults[0];
  }
  parentPort?.postMessage('done');
}

// Most inputs end in an error, and its stack costs more than reading them.
if (parentPort) Error.stackTraceLimit = 0;
if (parentPort) void work(workerData as Work);
