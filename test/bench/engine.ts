/**
 * How fast the two engines answer, side by side in one run: a million samples on a hundred thousand
 * stacks.
 *
 *   node scripts/build.mjs --tests && node out/bench/engine.js
 */
import { join } from 'node:path';
import { createNativeEngine } from '../../extension/capture/engine-loader';
import type { ProfileEngine, Query } from '../../extension/profile/engine';
import { TypeScriptEngine } from '../../extension/profile/engine-ts';
import { repositoryRoot } from '../fixtures/root';

const SAMPLES = 1_000_000;
const STACKS = 100_000;
const FUNCTIONS = 5_000;
const INTERVALS = 4_000;
const RUNS = 15;

/** The same numbers in every run. */
function random(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

function fill(engine: ProfileEngine): void {
  const next = random(1);
  const frames = FUNCTIONS * 2;
  engine.addFrames(
    Uint32Array.from({ length: frames }, (_, i) => (i % FUNCTIONS) + 1),
    Uint8Array.from({ length: frames }, () => 3 + next(2)),
    Uint32Array.from({ length: frames }, () => 1 + next(400)),
    new Uint8Array(frames),
  );
  // A parent from the last tenth keeps stacks deep; about one in a hundred starts at the root.
  const parents = Uint32Array.from({ length: STACKS }, (_, i) =>
    next(100) === 0 ? 0 : Math.max(0, i - next(Math.floor(i / 10) + 1)),
  );
  engine.addStacks(
    parents,
    Uint32Array.from({ length: STACKS }, () => 1 + next(frames)),
  );
  const rows = SAMPLES / INTERVALS;
  for (let interval = 1; interval <= INTERVALS; interval++)
    engine.append(
      'cpu',
      interval * 250_000,
      Uint32Array.from({ length: rows }, () => 1 + next(STACKS)),
      Uint32Array.from({ length: rows }, () => 100 + next(4)),
      new Uint32Array(rows).fill(1),
      10_101,
    );
}

async function medianMs(run: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[RUNS >> 1]!;
}

async function main(): Promise<void> {
  const native = createNativeEngine(join(repositoryRoot, 'native/addon/build/acupoint.node'));
  const typescript = new TypeScriptEngine();
  for (const engine of [native, typescript]) fill(engine);
  const next = random(2);
  const ranks = Uint32Array.from({ length: FUNCTIONS + 1 }, () => next(FUNCTIONS));
  const all: Query = { fromUs: 0, toUs: Infinity };
  const recent: Query = { fromUs: (INTERVALS - 40) * 250_000, toUs: Infinity };
  const one: Query = { ...all, pids: Uint32Array.of(101) };
  const questions: [string, (engine: ProfileEngine) => Promise<unknown>][] = [
    ['call tree, all', (engine) => engine.callTree(all, ranks)],
    ['call tree, one worker of four', (engine) => engine.callTree(one, ranks)],
    ['call tree, last 10 s', (engine) => engine.callTree(recent, ranks)],
    ['function table, all', (engine) => engine.functionTable(all)],
    ['stack table, all', (engine) => engine.stackTable(all)],
  ];
  const nodes = (await native.callTree(all, ranks)).functions.length;
  console.log(`${SAMPLES} samples on ${STACKS} stacks, ${nodes} nodes; medians of ${RUNS} runs`);
  for (const [name, ask] of questions) {
    const ours = await medianMs(() => ask(native));
    const theirs = await medianMs(() => ask(typescript));
    console.log(
      `${name.padEnd(30)} native ${ours.toFixed(1).padStart(7)} ms  TypeScript ` +
        `${theirs.toFixed(1).padStart(7)} ms  ${(theirs / ours).toFixed(1).padStart(5)} x`,
    );
  }
}

void main();
