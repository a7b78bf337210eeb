/**
 * bench:attach --heap-mb N: from the start of a probe to its first batch with samples, of a process
 * whose Lua heap is that large, and how long the process itself stood still in that time.
 */
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { repositoryRoot } from '../fixtures/root';
import { waitFor } from '../fixtures/wait';
import { WireSession } from '../native/wire-session';
import { median, verdict } from './verdict';

const ATTACHES = 10;
/** Filling the heap takes some seconds for each half a gigabyte. */
const FILL_MS = 120_000;
/** Its longest gap without a probe. */
const QUIET_MS = 2000;

interface Heap {
  readonly pid: number;
  readonly megabytes: () => number;
  /** Longest time without a turn of its loop since the last call, in ms. */
  readonly longestGapMs: () => number;
  readonly stop: () => Promise<void>;
}

async function startHeap(megabytes: number): Promise<Heap> {
  const script = join(repositoryRoot, 'test/bench/lua/heap.lua');
  const child = spawn('luajit', [script, `${megabytes}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  let [gap, size, rest] = [0, 0, ''];
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [ms = 0, held = 0] = line.split(' ').map(Number);
      gap = Math.max(gap, ms);
      size = held;
    }
  });
  await waitFor('the heap to be filled', () => size > 0, { timeoutMs: FILL_MS });
  if (child.pid === undefined) throw new Error('luajit did not start.');
  return {
    pid: child.pid,
    megabytes: () => size,
    longestGapMs: () => {
      const longest = gap;
      gap = 0;
      return longest;
    },
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

interface Attach {
  readonly firstBatchMs: number;
  /** Looks at the process that saw it stopped or traced. */
  readonly stopped: number;
}

async function attach(pid: number): Promise<Attach> {
  const began = performance.now();
  const session = new WireSession();
  let [done, stopped] = [false, 0];
  const watch = (async () => {
    while (!done) {
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      if (/^State:\s+[tT]/m.test(status) || !/^TracerPid:\s+0$/m.test(status)) stopped += 1;
    }
  })();
  try {
    await session.next('hello');
    session.send({
      case: 'start',
      value: { target: { case: 'pid', value: pid }, rateHz: 99 },
    });
    await session.next('batch', ({ stacks }) => stacks.length > 0);
    return { firstBatchMs: performance.now() - began, stopped };
  } finally {
    done = true;
    await watch;
    await session.end();
  }
}

export async function benchHeap(megabytes: number): Promise<void> {
  const heap = await startHeap(megabytes);
  try {
    heap.longestGapMs();
    await delay(QUIET_MS);
    const before = heap.longestGapMs();
    const attaches: Attach[] = [];
    for (let i = 0; i < ATTACHES; i++) attaches.push(await attach(heap.pid));
    const times = attaches.map(({ firstBatchMs }) => firstBatchMs);
    verdict(
      'attach to a large heap',
      {
        firstBatchMs: { value: median(times), bar: 400, unit: 'ms, median' },
        seenStopped: {
          value: attaches.reduce((sum, { stopped }) => sum + stopped, 0),
          bar: 0,
          unit: 'looks',
        },
      },
      {
        heapMB: heap.megabytes(),
        firstBatches: times.map(Math.round),
        longestGapMs: { before, attaching: heap.longestGapMs() },
      },
    );
  } finally {
    await heap.stop();
  }
}
