/**
 * What one sample costs in the kernel, by the kernel's own count of its BPF programs' run time:
 * with 12 and 50 Lua frames, interpreted and compiled, on nginx and on plain LuaJIT. `--only WORDS`: rows whose name has the words. Prints a row
 * each and one line of JSON; exit code 1 where a bar is broken. Needs root.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { WireSession } from '../native/wire-session';
import type { Load } from '../truth/loads';
import { luaFolder, startTarget } from '../truth/target';
import { type Figure, verdict } from './verdict';

/** Microseconds a sample, by Lua frames. */
const BARS = new Map([
  [12, 4],
  [50, 10],
]);
const RATE_HZ = 999;
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 4);
/** Until names and tables are loaded. */
const WARM_UP_SECONDS = 1.5;
const SWITCH = '/proc/sys/kernel/bpf_stats_enabled';
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

interface Program {
  readonly name: string;
  readonly run_time_ns?: number;
  readonly run_cnt?: number;
}

function runs(): { ns: number; count: number } {
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
  const text = execFileSync('bpftool', ['-j', 'prog', 'show'], { env, encoding: 'utf8' });
  const own = (JSON.parse(text) as Program[]).filter(({ name }) => name === 'sample_thread');
  const sum = (values: readonly (number | undefined)[]) =>
    values.reduce<number>((all, value) => all + (value ?? 0), 0);
  return { ns: sum(own.map((p) => p.run_time_ns)), count: sum(own.map((p) => p.run_cnt)) };
}

async function measure(pid: number): Promise<number> {
  const session = new WireSession();
  try {
    await session.next('hello');
    const target = { case: 'pid', value: pid } as const;
    await session.ask({ case: 'start', value: { target, rateHz: RATE_HZ } }, 'started');
    await delay(WARM_UP_SECONDS * 1000);
    const before = runs();
    await delay(SECONDS * 1000);
    const after = runs();
    return (after.ns - before.ns) / (after.count - before.count) / 1000;
  } finally {
    await session.end();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });
  const figures: Record<string, Figure> = {};
  const lua = mkdtempSync(join(tmpdir(), 'acupoint-bpf-'));
  const before = readFileSync(SWITCH, 'utf8');
  cpSync(luaFolder, lua, { recursive: true });
  for (const frames of BARS.keys()) {
    writeFileSync(join(lua, `burners/frames_${frames}.lua`), source(frames));
  }
  try {
    writeFileSync(SWITCH, '1');
    for (const target of ['nginx', 'luajit2'] as const)
      for (const mode of ['interpreter', 'compiled'] as const)
        for (const [frames, bar] of BARS) {
          const name = `${target} ${mode} ${frames} frames`;
          if (!name.includes(values.only)) continue;
          const load: Load = { target, mode, weights: { [`frames_${frames}`]: 1 } };
          const running = await startTarget(load, false, lua);
          const us = await running
            .ledger()
            .then(({ pid }) => measure(pid))
            .finally(() => running.stop());
          console.log(`${name.padEnd(32)} ${us.toFixed(2)} us a sample`);
          figures[name] = { value: us, bar, unit: 'us a sample' };
        }
  } finally {
    writeFileSync(SWITCH, before);
    rmSync(lua, { recursive: true, force: true });
  }
  verdict('bpf', figures, { rateHz: RATE_HZ });
}

void main();
