/**
 * The cost of one sample in the kernel, by the kernel's own account of its BPF programs: with 12
 * and 50 Lua frames, interpreted and compiled, on nginx and on plain LuaJIT. All loads stand still
 * but one, for a turn of `--turn` milliseconds each in every round, so that what else changes on
 * the machine changes for all; a figure is the median of its turns, and beside it stand the
 * quietest tenth and the quartiles. Caches that other work has used make most of the difference:
 * what an empty program and one read of 8 bytes of the load's memory cost is measured in the same
 * rounds. `--only WORDS`: rows whose name has the words. Prints a row each and one line of JSON;
 * exit code 1 where a bar is broken. Needs root.
 *
 *   npm run bench:bpf -- [--rounds 20] [--turn 250] [--only 'nginx interpreter']
 */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { WireSession } from '../native/wire-session';
import type { Load } from '../truth/loads';
import { luaFolder, startTarget, type Target } from '../truth/target';
import { bpfRuns } from './bpf-runs';
import { buildTimer, keepApart, startTool } from './tools';
import { type Figure, median, verdict } from './verdict';

/** Microseconds a sample, by Lua frames. */
const BARS = new Map([
  [12, 4],
  [50, 10],
]);
const RATE_HZ = 999;
/** Until names and tables are loaded. */
const WARM_UP_SECONDS = 1.5;
/** Of a turn, before it counts: the caches have been others'. */
const SETTLE_MS = 60;
const CALIBRATION_READS = 16;
/** The main chunk, the driver, the burner and the innermost function are frames too. */
const FRAMES_AROUND = 4;

/** A burner whose innermost function stands that deep, each frame another function, as in a gateway. */
const source = (frames: number) => `
local function f0(n)
  local s = 0
  for i = 1, n do s = s + i % 7 end
  return s
end
${Array.from(
  { length: frames - FRAMES_AROUND },
  (_, i) => `local function f${i + 1}(n)
  return (f${i}(n))
end`,
).join('\n')}
return function(n) f${frames - FRAMES_AROUND}(n * 10000) end
`;

/** A load and what samples it; it runs in its turns only. */
interface Row {
  readonly name: string;
  /** Undefined: a calibration. */
  readonly bar: number | undefined;
  readonly target: Target;
  readonly pid: number;
  /** Of the sampler. */
  readonly tool: number;
  readonly stop: () => Promise<void>;
  /** Microseconds a sample, one a turn. */
  readonly turns: number[];
}

async function startRow(
  name: string,
  bar: number | undefined,
  load: Load,
  lua: string,
  sample: (pid: number) => Promise<{ pid: number; stop: () => Promise<void> }>,
): Promise<Row> {
  const target = await startTarget(load, false, lua);
  try {
    const { pid } = await target.ledger();
    keepApart([pid]);
    const tool = await sample(pid);
    await delay(WARM_UP_SECONDS * 1000);
    process.kill(pid, 'SIGSTOP');
    return { name, bar, target, pid, tool: tool.pid, stop: tool.stop, turns: [] };
  } catch (error) {
    await target.stop();
    throw error;
  }
}

async function startProbe(pid: number) {
  const session = new WireSession();
  await session.next('hello');
  const target = { case: 'pid', value: pid } as const;
  await session.ask({ case: 'start', value: { target, rateHz: RATE_HZ } }, 'started');
  return { pid: session.pid, stop: () => session.end().then(() => undefined) };
}

async function takeTurn(row: Row, milliseconds: number): Promise<void> {
  process.kill(row.pid, 'SIGCONT');
  await delay(SETTLE_MS);
  const before = await bpfRuns(row.tool);
  await delay(milliseconds);
  const after = await bpfRuns(row.tool);
  process.kill(row.pid, 'SIGSTOP');
  if (after.count > before.count)
    row.turns.push((after.ns - before.ns) / (after.count - before.count) / 1000);
}

function* rowsOf(only: string, lua: string): Generator<() => Promise<Row>> {
  const timer = buildTimer();
  for (const reads of [0, CALIBRATION_READS]) {
    const load: Load = { target: 'luajit2', mode: 'interpreter', weights: { frames_12: 1 } };
    yield () =>
      startRow(`${reads} reads`, undefined, load, lua, (pid) =>
        startTool(timer, [`${pid}`, `${RATE_HZ}`, `${reads}`], /ready/),
      );
  }
  for (const target of ['nginx', 'luajit2'] as const)
    for (const mode of ['interpreter', 'compiled'] as const)
      for (const [frames, bar] of BARS) {
        const name = `${target} ${mode} ${frames} frames`;
        const load: Load = { target, mode, weights: { [`frames_${frames}`]: 1 } };
        if (name.includes(only)) yield () => startRow(name, bar, load, lua, startProbe);
      }
}

function report(rows: readonly Row[], rounds: number): void {
  const share = (turns: readonly number[], part: number) =>
    [...turns].sort((a, b) => a - b)[Math.floor(part * turns.length)] ?? NaN;
  const figures: Record<string, Figure> = {};
  const more: Record<string, unknown> = {};
  const cell = (value: number) => value.toFixed(2).padStart(9);
  console.log('us a sample'.padEnd(32), '  median  quietest tenth, quartiles of the turns');
  for (const { name, bar, turns } of rows) {
    const value = median(turns);
    const [tenth, lower, upper] = [0.1, 0.25, 0.75].map((part) => share(turns, part));
    console.log(name.padEnd(32), [value, tenth, lower, upper].map((us = NaN) => cell(us)).join(''));
    if (bar !== undefined) figures[name] = { value, bar, unit: 'us a sample, median of the turns' };
    more[`${name}: quietest tenth`] = tenth;
  }
  const [empty = NaN, full = NaN] = rows.map(({ turns }) => median(turns));
  const readNs = ((full - empty) / CALIBRATION_READS) * 1000;
  console.log(
    `One read of 8 bytes: ${readNs.toFixed(0)} ns; an empty program: ${empty.toFixed(2)} us.`,
  );
  verdict('bpf', figures, { rateHz: RATE_HZ, rounds, readNs, emptyUs: empty, ...more });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      rounds: { type: 'string', default: '20' },
      turn: { type: 'string', default: '250' },
    },
  });
  const lua = mkdtempSync(join(tmpdir(), 'acupoint-bpf-'));
  cpSync(luaFolder, lua, { recursive: true });
  for (const frames of BARS.keys()) {
    writeFileSync(join(lua, `burners/frames_${frames}.lua`), source(frames));
  }
  const rows: Row[] = [];
  try {
    for (const start of rowsOf(values.only, lua)) rows.push(await start());
    for (let round = 0; round < Number(values.rounds); round++)
      for (const row of rows) await takeTurn(row, Number(values.turn));
  } finally {
    for (const { pid, stop, target } of rows) {
      process.kill(pid, 'SIGCONT');
      await stop();
      await target.stop();
    }
    rmSync(lua, { recursive: true, force: true });
  }
  report(rows, Number(values.rounds));
}

void main();
