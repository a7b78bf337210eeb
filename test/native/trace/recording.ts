/** The probe's recording of a process, with questions that tests ask of it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startLeashed } from '../../fixtures/leash';
import { repositoryRoot } from '../../fixtures/root';
import { waitFor } from '../../fixtures/wait';
import { runRecorder } from '../binary';
import { childrenOf } from '../nginx';

export interface Frame {
  readonly name: string;
  readonly file: string;
  readonly definedLine: number;
  readonly line: number;
  readonly kind: string;
  readonly flags: number;
  /** Tells it from others of that name and place; 0: nothing does. */
  readonly identity: number;
  /** The function that a compiler made it a part of; '': it is whole. */
  readonly partOf: string;
}

export interface Stack {
  readonly frames: readonly Frame[];
  readonly pid: number;
  readonly vmState: string;
  readonly quality: string;
  readonly count: number;
  readonly phase: string;
  /** Of its request; undefined where the sample has none. */
  readonly method?: string;
  readonly host?: string;
  readonly uri?: string;
  /** On-CPU time that its samples stand for. */
  readonly us: number;
}

export const APPROXIMATE = 1;
export const INLINED = 2;
export const COLLECTED = 4;
export const SPAWNED = 8;

const LUA_KINDS = new Set(['lua', 'luaJit', 'builtin', 'luaC']);

interface Json {
  meta: { sampler: string };
  frames: Frame[];
  stacks: (Omit<Stack, 'frames'> & { frames: number[] })[];
  quality: Record<'lua' | 'exact' | 'function' | 'traceRoot' | 'unknown' | 'truncated', number>;
  native: Record<'samples' | 'complete' | 'truncated', number>;
  health: { samples: number; lost: number; rateHz: number; rssBytes: number };
}

export class Recording {
  readonly stacks: readonly Stack[];
  readonly samples: number;
  constructor(
    readonly json: Json,
    readonly stderr = '',
  ) {
    this.stacks = json.stacks.map((stack) => ({
      ...stack,
      frames: stack.frames.map((index) => {
        const frame = json.frames[index];
        assert.ok(frame, `frame ${index}`);
        return frame;
      }),
    }));
    this.samples = this.stacks.reduce((sum, { count }) => sum + count, 0);
  }

  /** Samples of the stacks for which `wanted` is true, as a share of all samples. */
  share(wanted: (stack: Stack) => boolean): number {
    const some = this.stacks.filter(wanted).reduce((sum, { count }) => sum + count, 0);
    return some / this.samples;
  }

  /** Share of the samples in which a function of this name takes part. */
  total(name: string): number {
    return this.share((stack) => stack.frames.some((frame) => frame.name === name));
  }

  /** Lua frames of the commonest stack, from the root to the leaf, as name:line. */
  commonest(): string[] {
    const [first] = [...this.stacks].sort((a, b) => b.count - a.count);
    return luaFrames(first).map(nameAndLine);
  }

  /** Lua was running, and how often no Lua stack was recovered, as a share of that. */
  get unattributed(): number {
    return this.json.quality.unknown / this.json.quality.lua;
  }
}

export function luaFrames(stack: Stack | undefined): Frame[] {
  return (stack?.frames ?? []).filter(({ kind }) => LUA_KINDS.has(kind));
}

export function nameAndLine({ name, line, kind }: Frame): string {
  return kind === 'lua' || kind === 'luaJit' ? `${name}:${line}` : name;
}

export interface How {
  readonly sampler?: 'bpf' | 'perf' | 'ptrace';
  /** The user who owns the process and runs the probe, without any capability. */
  readonly as?: number;
  readonly requestLabels?: boolean;
  /** `pid` is a master: all its workers, and those of reloads. */
  readonly master?: boolean;
  /** Percent of a core. */
  readonly budget?: number;
}

export async function record(
  pid: number,
  seconds: number,
  rate = 999,
  { sampler, as, budget, master = false, requestLabels = true }: How = {},
): Promise<Recording> {
  const whom = master ? '--master' : '--pid';
  const args = [whom, String(pid), '--seconds', String(seconds), '--rate', String(rate)];
  if (budget !== undefined) args.push('--budget', String(budget));
  if (sampler) args.push('--sampler', sampler);
  if (!requestLabels) args.push('--no-request-labels');
  const run = await runRecorder([...args, '--format', 'json'], as === undefined ? {} : { as });
  assert.equal(run.code, 0, run.stderr);
  return new Recording(JSON.parse(run.stdout) as Json, run.stderr);
}

/** Runs a script of this folder with the plain interpreter for as long as it is recorded. */
export async function recordScript(
  script: string,
  args: readonly string[],
  seconds: number,
  rate?: number,
  how: How = {},
): Promise<Recording> {
  return withScript(script, args, (pid) => record(pid, seconds, rate, how), how.as);
}

/** Calls `use` with the pid of the plain interpreter, which is at work on a script. */
export async function withScript<T>(
  script: string,
  args: readonly string[],
  use: (pid: number) => Promise<T>,
  as?: number,
): Promise<T> {
  const path = join(repositoryRoot, 'test/native/trace', script);
  const user = as === undefined ? [] : [`--reuid=${as}`, `--regid=${as}`, '--clear-groups'];
  const process = startLeashed('setpriv', [...user, 'luajit', path, ...args]);
  try {
    const pid = await waitFor('luajit to be at work', () =>
      childrenOf(process.group).find((child) => nameOf(child) === 'luajit' && cpuTicks(child) > 5),
    );
    return await use(pid);
  } finally {
    await process.stop();
  }
}

function nameOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
}

/** Time in user space so far, in hundredths of a second. */
function cpuTicks(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[11]);
}
