/** A profile of a load over a span of its own CPU time, and the ledger of the same span. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from '../fixtures/wait';
import { recorderPath } from '../native/binary';
import type { Ledger, Target } from './target';

const RATE_HZ = 999;
/** On a machine that others keep busy a CPU second takes longer, but not for ever. */
const WALL_PER_CPU = 4;

export interface RecordedFrame {
  readonly name: string;
  readonly file: string;
  readonly definedLine: number;
  readonly line: number;
  readonly kind: string;
  readonly flags: number;
}

export interface Recording {
  readonly frames: readonly RecordedFrame[];
  readonly stacks: readonly {
    readonly frames: readonly number[];
    readonly vmState: string;
    readonly quality: string;
    readonly trace: number;
    readonly count: number;
  }[];
  readonly health: { readonly samples: number; readonly lost: number };
}

/** Each burner's part of the CPU time, in percent. */
export type Shares = ReadonlyMap<string, number>;

async function letRun(target: Target, cpuSeconds: number): Promise<Shares> {
  const before = await target.ledger();
  let after = before;
  const wanted = before.cpu + cpuSeconds;
  const deadline = performance.now() + cpuSeconds * WALL_PER_CPU * 1000;
  await waitFor(
    'the load to run',
    async () => {
      after = await target.ledger();
      return after.cpu >= wanted || performance.now() > deadline;
    },
    { timeoutMs: Infinity },
  );
  return sharesBetween(before, after);
}

function sharesBetween(before: Ledger, after: Ledger): Shares {
  const cpu = after.cpu - before.cpu;
  return new Map(
    Object.entries(after.spent).map(([name, spent]) => [
      name,
      (100 * (spent - (before.spent[name] ?? 0))) / cpu,
    ]),
  );
}

export async function record(
  target: Target,
  cpuSeconds: number,
): Promise<{ recording: Recording; shares: Shares }> {
  const { pid } = await target.ledger();
  const out = join(target.folder, 'recording.json');
  const args = ['--pid', `${pid}`, '--rate', `${RATE_HZ}`, '--format', 'json'];
  const child = spawn(recorderPath(), [...args, '--seconds', '3600', '--out', out], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const closed = once(child, 'close');
  try {
    await waitFor('the probe to begin', () => stderr.includes('Lua VM') || ended(child.exitCode), {
      describe: () => stderr,
    });
    const shares = await letRun(target, cpuSeconds);
    child.kill('SIGINT');
    await closed;
    if (child.exitCode !== 0) throw new Error(`The probe failed: ${stderr}`);
    return { recording: JSON.parse(await readFile(out, 'utf8')) as Recording, shares };
  } finally {
    child.kill('SIGKILL');
  }
}

function ended(code: number | null): false {
  if (code !== null) throw new Error(`The probe ended with ${code}.`);
  return false;
}

/** Returns the counts of LuaJIT's own profiler in the span: samples of each line that it writes. */
export async function recordInProcess(
  target: Target,
  cpuSeconds: number,
): Promise<{ counted: ReadonlyMap<string, number>; shares: Shares }> {
  const before = countsOf(await target.profile());
  const shares = await letRun(target, cpuSeconds);
  const counted = new Map<string, number>();
  for (const [key, count] of countsOf(await target.profile())) {
    counted.set(key, count - (before.get(key) ?? 0));
  }
  return { counted, shares };
}

function countsOf(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of text.split('\n').filter(Boolean)) {
    const tab = line.indexOf('\t');
    counts.set(line.slice(tab + 1), Number(line.slice(0, tab)));
  }
  return counts;
}
