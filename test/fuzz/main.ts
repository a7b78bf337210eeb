/**
 * Fuzzes a reader of the extension in two threads, each with a cap on its heap, and watches that none
 * takes longer than 5 s of CPU time for one input. scripts/test/fuzz.mjs runs it.
 *
 *   node out/fuzz/main.js TARGET [--runs N] [--seconds N] [--seed N] [--first N]
 *
 * Groups of inputs follow from the seed and their number, so that `--first N` goes on where a run was
 * stopped, and repeats a finding. Each target's file says what it counts as an input. A finding is
 * left in out/fuzz/found with all that its reader was given before; exit code 1.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Target } from './reading';
import { targets } from './targets';
import { randomOfGroup, type Work } from './worker';

const THREADS = 2;
const HEAP_MB = 1024;
const HANG_MS = 5000;
const TOLD_EVERY_MS = 60_000;

interface Finding {
  readonly index: number;
  readonly what: string;
}

const { values, positionals } = parseArgs({
  options: {
    runs: { type: 'string', default: 'Infinity' },
    seconds: { type: 'string', default: 'Infinity' },
    seed: { type: 'string', default: '1' },
    first: { type: 'string', default: '0' },
  },
  allowPositionals: true,
});
const name = positionals[0] ?? '';
const [runs, seconds, seed, first] = [values.runs, values.seconds, values.seed, values.first].map(
  Number,
) as [number, number, number, number];
const began = performance.now();

async function main(): Promise<void> {
  const target = targets[name];
  if (!target) throw new Error(`No such target: ${name}. ${Object.keys(targets).join(' ')}`);
  const threads = Array.from({ length: THREADS }, (_, thread) => start(target, thread));
  const told = setInterval(
    () =>
      tell(
        threads.map(({ place }) => place[1]!),
        0,
      ),
    TOLD_EVERY_MS,
  );
  const findings = (await Promise.all(threads.map(({ end }) => end))).flatMap((each) => each ?? []);
  clearInterval(told);
  for (const { index, what } of findings) {
    const folder = join(__dirname, 'found');
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `${name}-${seed}-${index}`);
    writeFileSync(file, await inputAt(target, index));
    console.log(`${name} input ${index} of seed ${seed}: ${what}\n  ${file}`);
  }
  tell(
    threads.map(({ place }) => place[1]!),
    findings.length,
  );
  process.exit(findings.length > 0 ? 1 : 0);
}

/** Reads its group again up to that input, which itself is not read: it may never end. */
function inputAt(target: Target, index: number): Promise<Uint8Array> {
  const group = Math.floor(index / target.group);
  return new Promise((resolve, reject) => {
    const reading = target.read(randomOfGroup(seed, group), (place, input) => {
      if (place !== index % target.group) return;
      resolve(input());
      throw new Error('This is the input.');
    });
    // Where that was thrown already, this does nothing.
    Promise.resolve(reading).catch(reject);
  });
}

function start({ group }: Target, thread: number) {
  const at = new SharedArrayBuffer(8);
  const place = new Int32Array(at);
  const workerData: Work = {
    target: name,
    seed,
    first: Math.floor(first / group) + thread,
    step: THREADS,
    count: Math.ceil(runs / group / THREADS),
    untilMs: Date.now() + seconds * 1000,
    at,
  };
  const resourceLimits = { maxOldGenerationSizeMb: HEAP_MB };
  const worker = new Worker(join(__dirname, 'worker.js'), { workerData, resourceLimits });
  const end = new Promise<Finding | undefined>((resolve) => {
    const finish = (what?: string) => {
      stopWatching();
      resolve(what === undefined ? undefined : { index: place[0]!, what });
      void worker.terminate();
    };
    const stopWatching = watch(place, () => finish(`took more than ${HANG_MS} ms of CPU time`));
    worker.once('message', () => finish());
    worker.once('error', (error) => finish(error.stack ?? error.message));
    worker.once('exit', (code) => finish(code === 0 ? undefined : `ended with ${code}`));
  });
  return { place, end };
}

/** By CPU time: on a busy machine a thread may stand for long without any fault of its own. */
function watch(place: Int32Array, hang: () => void): () => void {
  let last = { index: -1, cpu: 0 };
  const timer = setInterval(() => {
    const { user, system } = process.cpuUsage();
    const cpu = (user + system) / 1000;
    if (place[1] !== last.index) last = { index: place[1]!, cpu };
    else if (cpu - last.cpu > HANG_MS * THREADS) hang();
  }, 500);
  return () => clearInterval(timer);
}

function tell(done: readonly number[], findings: number): void {
  const inputs = done.reduce((sum, each) => sum + each, 0);
  const rate = Math.round(inputs / ((performance.now() - began) / 1000));
  const rss = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(
    `${name}: ${inputs} inputs from ${first}, ${rate} a second, peak RSS ${rss} MB, ${findings} findings`,
  );
}

void main();
