/** A snapshot of a worker's Lua heap: taken by the probe, analysed beside the main thread. */
import { Worker } from 'node:worker_threads';
import { RecordReader } from '../analysis/heap/records';
import type { HeapReport } from '../analysis/heap/report';
import { ProbeError, type CaptureRecorder, type ProbeSession } from '../probe/session';
import type { HeapResult, HeapWork } from './heap-worker';

export interface HeapSnapshot {
  /** How long the worker stood; 0: it slept while it was copied, and was not stopped. */
  readonly pauseMs: number;
  readonly copiedBytes: number;
  readonly report: HeapReport;
}

export interface HeapOptions {
  readonly pid: number;
  /** It is refused, with an estimate, where it would take longer. */
  readonly maxPauseMs: number;
  /** Grouping rules as they stand in the settings. */
  readonly rules: unknown;
  /** Of a recording: which of its snapshots; absent: the last one of `pid`. */
  readonly recorded?: number | undefined;
  /** The bundle of heap-worker.ts. */
  readonly workerFile: string;
  /** Most memory that the analysis may take; absent: what fits this machine. */
  readonly mostBytes?: number | undefined;
  readonly signal: AbortSignal;
  /** How much is done, from 0 to 1, and what. */
  readonly onProgress: (done: number, text: string) => void;
}

/** FAILURE_LONG_PAUSE of acupoint.proto. */
const LONG_PAUSE = 9;

/**
 * @param recorder keeps it as it came, where it fits.
 * @throws ProbeError where it is refused, cannot be taken or cannot be read.
 */
export async function takeHeapSnapshot(
  session: ProbeSession,
  options: HeapOptions,
  recorder?: CaptureRecorder,
): Promise<HeapSnapshot> {
  const taken = { pauseUs: 0, copiedBytes: 0 };
  const pieces: Uint8Array[] = [];
  let failure: ProbeError | undefined;
  const reader = new RecordReader({
    progress: (stage, done, total) => {
      if (stage === 1) options.onProgress(0, `Copying the memory of worker ${options.pid}`);
      else options.onProgress(0.1 + (0.6 * done) / Math.max(total, 1), 'Reading the objects');
    },
    taken: (pauseUs, copiedBytes) => Object.assign(taken, { pauseUs, copiedBytes }),
    failure: (kind, text) =>
      (failure = new ProbeError(kind === LONG_PAUSE ? 'long-pause' : 'other', text)),
    graph: (bytes) => pieces.push(bytes),
  });
  const { pid, maxPauseMs, signal, recorded } = options;
  const raw: Uint8Array[] = [];
  await session.takeHeap({ pid, maxPauseMs, signal, recorded }, (piece) => {
    if (recorder) raw.push(piece);
    reader.push(piece);
  });
  if (failure !== undefined) throw failure;
  if (!reader.ended) throw unreadable('the stream ended in its middle');
  recorder?.heap(pid, raw);
  options.onProgress(0.7, 'Finding out who holds what');
  const report = await analyse(pieces, options);
  return { pauseMs: taken.pauseUs / 1000, copiedBytes: taken.copiedBytes, report };
}

async function analyse(pieces: Uint8Array[], options: HeapOptions): Promise<HeapReport> {
  const work: HeapWork = { pieces, rules: options.rules, mostBytes: options.mostBytes };
  // Each piece has a buffer of its own, which need not be there twice.
  const transferList = pieces.map(({ buffer }) => buffer as ArrayBuffer);
  const worker = new Worker(options.workerFile, { workerData: work, transferList });
  const cancel = () => void worker.terminate();
  options.signal.addEventListener('abort', cancel);
  try {
    if (options.signal.aborted) cancel();
    const { report, mostBytes } = await new Promise<HeapResult>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', (error) => reject(unreadable(error.message)));
      worker.once('exit', () => reject(new ProbeError('other', 'The analysis was cancelled.')));
    });
    if (report === undefined) throw tooLarge(mostBytes);
    return report;
  } finally {
    options.signal.removeEventListener('abort', cancel);
    await worker.terminate();
  }
}

function tooLarge(mostBytes: number): ProbeError {
  const gigabytes = (mostBytes / 2 ** 30).toFixed(1);
  return new ProbeError(
    'other',
    `To find out who holds what in this heap would take more than ${gigabytes} GB of memory here, ` +
      'which is the most that it may take, so nothing of the snapshot is shown. Take one of a worker ' +
      'with a smaller heap, or record it and open it on a machine with more memory.',
  );
}

function unreadable(detail: string): ProbeError {
  return new ProbeError(
    'corrupt-stream',
    'The heap snapshot does not fit together, so nothing of it is shown. The worker may have ' +
      'changed while it was copied: take it again; if it happens again, please report it.',
    detail,
  );
}
