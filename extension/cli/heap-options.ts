import { join } from 'node:path';
import type { HeapOptions } from '../capture/heap-snapshot';
import type { Terminal } from './command-line/command';
import { bar } from './progress';

export const defaultMaxPauseMs = 200;

/** Options of a heap snapshot but for the process. */
export function heapOptions({ messages, interrupt }: Terminal): Omit<HeapOptions, 'pid'> {
  return {
    maxPauseMs: defaultMaxPauseMs,
    rules: [],
    workerFile: join(__dirname, 'heap-worker.js'),
    signal: interrupt.signal,
    onProgress: (done, text) => messages.progress(bar(done, ` ${text}`, messages.columns)),
  };
}
