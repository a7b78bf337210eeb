/** LuaJIT, running cases that its compiler gives up, and what it says of that itself. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLeashed } from '../../fixtures/leash';
import { repositoryRoot } from '../../fixtures/root';
import { waitFor } from '../../fixtures/wait';
import type { Program } from '../../truth/packages';

export const luaFolder = join(repositoryRoot, 'test/native/jit/lua');

export interface Abort {
  readonly reason: string;
  readonly file: string;
  readonly line: number;
  readonly count: number;
}

export interface GivenUp {
  readonly file: string;
  readonly line: number;
  readonly kind: string;
}

/** Of each place how often, and the last reason. */
export interface Ledger {
  readonly pid: number;
  readonly step: number;
  readonly traces: number;
  readonly flushes: number;
  readonly aborts: readonly (Abort & { readonly id: string })[];
  readonly blacklisted: readonly GivenUp[];
}

export interface JitTarget {
  readonly pid: number;
  ledger(): Ledger;
  /** Runs one case of the file, and resolves once it is in the ledger. */
  run(name: string): Promise<Ledger>;
  stop(): Promise<void>;
}

export async function startJitTarget(program: Program, file: string): Promise<JitTarget> {
  const folder = await mkdtemp(join(tmpdir(), 'acupoint-jit-'));
  const path = join(folder, 'ledger');
  const gate = join(folder, 'gate');
  execFileSync('mkfifo', [gate]);
  const args = [join(luaFolder, 'run.lua'), luaFolder, path, gate, file];
  const server = startLeashed(program.command, args, { env: program.env });
  const ledger = () => JSON.parse(readFileSync(path, 'utf8')) as Ledger;
  const stepped = (step: number) =>
    waitFor(
      `step ${step} of ${file}`,
      () => {
        if (!server.running()) throw new Error(server.output());
        return existsSync(path) && ledger().step === step && ledger();
      },
      { describe: () => server.output() },
    );
  const stop = async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  let step = 0;
  try {
    const { pid } = await stepped(step);
    const run = async (name: string) => {
      await appendFile(gate, `${name}\n`);
      return stepped(++step);
    };
    return { pid, ledger, run, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

export interface Case {
  readonly name: string;
  /** The marks of its lines. */
  readonly aborts: readonly string[];
}

const ABORTS = 'aborts';

/** Cases of a file, in its order. */
export function casesOf(file: string): Case[] {
  const text = readFileSync(join(luaFolder, file), 'utf8');
  const starts = [...text.matchAll(/^function cases\.(\w+)/gm)];
  return starts.map(({ 1: name = '', index }, i) => {
    const [from, to] = [index, starts[i + 1]?.index ?? text.length];
    const aborts = marksIn(file, text, ABORTS, from, to);
    const generated = [...text.slice(from, to).matchAll(/-- generated (\d+): (.*)$/gm)];
    return {
      name,
      aborts: [...aborts, ...generated.map(([, n, why]) => `@generated.lua:${n} ${why}`)],
    };
  });
}

/** Returns what the lines of a file say of themselves behind `-- WORD: `, as "FILE:LINE WHAT". */
export function marksOf(file: string, word: string): string[] {
  return marksIn(file, readFileSync(join(luaFolder, file), 'utf8'), word);
}

function marksIn(file: string, text: string, word: string, from = 0, to = text.length): string[] {
  const marks = [...text.matchAll(new RegExp(`-- ${word}: (.*)$`, 'gm'))];
  return marks
    .filter(({ index }) => index >= from && index < to)
    .map(({ 1: what, index }) => {
      const line = text.slice(0, index).split('\n').length;
      return `@${join(luaFolder, file)}:${line} ${what}`;
    });
}
