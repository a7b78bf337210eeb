/**
 * The cost of a heap snapshot: how long a worker stands for 100 MB of memory, and what the analysis
 * of some three million objects takes. Prints one line of JSON; exit code 1 where a bar is broken.
 * BENCH_SCALE makes the heap larger or smaller.
 */
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { join } from 'node:path';
import type { HeapWork } from '../../extension/capture/heap-worker';
import type { HeapReport } from '../../extension/analysis/heap';
import { startLoad } from '../fixtures/gateway/load';
import { startSnapshot, takeSnapshot, type Snapshot } from '../fixtures/heap/snapshot';
import { startHeapGateway } from '../fixtures/heap/start';
import { repositoryRoot } from '../fixtures/root';
import { median, verdict } from './verdict';

const SCALE = Number(process.env['BENCH_SCALE'] ?? 850);
const ROUNDS = 5;

async function main(): Promise<void> {
  const nginx = await startHeapGateway(SCALE);
  try {
    const worker = nginx.workers()[0];
    if (worker === undefined) throw new Error('The gateway has no worker.');
    const stopped = await pauses(worker, '--stop-always');
    const asleep = await pauses(worker);
    const load = startLoad(nginx.port, { perSecond: 400 });
    await nginx.load();
    const loaded = await pauses(worker);
    const { failed } = await load.stop();
    const analysis = await analyse(worker);
    verdict(
      'heap',
      {
        pauseMsPer100MB: { value: stopped, bar: 40, unit: 'ms' },
        quietPauseMsPer100MB: { value: asleep, bar: 10, unit: 'ms' },
        analysisSeconds: { value: analysis.seconds, bar: 5, unit: 's' },
        analysisPeakMB: { value: analysis.peakMB, bar: 1024, unit: 'MB' },
        failedRequests: { value: failed, bar: 0, unit: 'requests' },
      },
      { underLoadPauseMsPer100MB: loaded, ...analysis.more },
    );
  } finally {
    await nginx.stop();
  }
}

/** The median, in ms for 100 MB. */
async function pauses(worker: number, ...more: string[]): Promise<number> {
  const values: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const { pauseMs, copiedBytes, failure } = await takeSnapshot(worker, ...more);
    if (failure !== undefined) throw new Error(failure);
    values.push((pauseMs / copiedBytes) * 1e8);
  }
  return median(values);
}

async function analyse(worker: number) {
  const began = performance.now();
  const { child, snapshot } = startSnapshot(worker);
  let probeMB = 0;
  const look = setInterval(() => (probeMB = Math.max(probeMB, peakMB(child.pid))), 10);
  const taken = await snapshot;
  clearInterval(look);
  const read = performance.now();
  const report = await inWorker(taken);
  const ended = performance.now();
  const wireMB = taken.graph.reduce((sum, piece) => sum + piece.length, 0) / 1e6;
  return {
    seconds: (ended - began) / 1000,
    // The thread's memory is in this process's, with all that the benchmark needs besides.
    peakMB: Math.max(probeMB, process.resourceUsage().maxRSS / 1024),
    more: {
      objects: report.objects,
      copiedMB: taken.copiedBytes / 1e6,
      probeSeconds: (read - began) / 1000,
      probePeakMB: probeMB,
      wireMB,
      reached: report.reachedBytes / report.gcTotalBytes,
    },
  };
}

function peakMB(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

function inWorker({ graph }: Snapshot): Promise<HeapReport> {
  const workerData: HeapWork = { pieces: graph, rules: [] };
  return new Promise((resolve, reject) => {
    const thread = new Worker(join(repositoryRoot, 'dist/heap-worker.js'), { workerData });
    thread.once('message', resolve);
    thread.once('error', reject);
  });
}

void main();
