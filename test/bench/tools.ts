/** Programs in C that the benchmarks use: built when they are wanted, ended with their input. */
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { repositoryRoot } from '../fixtures/root';
import { waitFor } from '../fixtures/wait';

/** Builds test/bench/NAME/NAME.c; its path. */
function build(name: string, libraries: readonly string[]): string {
  const folder = join(repositoryRoot, 'native/probe/build/test/bench');
  mkdirSync(folder, { recursive: true });
  const program = join(folder, name);
  const source = join(repositoryRoot, `test/bench/${name}/${name}.c`);
  execFileSync('gcc', ['-O2', '-Wall', '-o', program, source, ...libraries]);
  return program;
}

export const buildTimer = () => build('timer', ['-lbpf', '-lelf', '-lz']);

export interface Tool {
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/** A program that says when it is ready, and ends by itself when its input does or by a signal. */
export async function startTool(
  command: string,
  args: readonly string[],
  ready: RegExp,
): Promise<Tool> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  let said = '';
  const hear = (chunk: Buffer) => (said += chunk.toString());
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  child.stdin.on('error', () => undefined);
  await waitFor(`${command} to be ready`, () => ready.test(said), { describe: () => said });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} did not start.`);
  return {
    pid,
    stop: async () => {
      child.stdin.end();
      child.kill('SIGINT');
      await exited;
    },
  };
}

/** Switches samplers on and off in turn; see slices.c. Commands one at a time. */
export class Slices {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  constructor() {
    this.#child = spawn(build('slices', []), [], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** How many events were taken or switched, or nanoseconds. */
  async ask(command: 'take' | 'on' | 'off' | 'cpu', pid: number): Promise<number> {
    this.#child.stdin.write(`${command} ${pid}\n`);
    const line = await this.#lines.next();
    if (line.done) throw new Error(`Cannot ${command} the events of process ${pid}: is this root?`);
    return Number(line.value);
  }

  end(): void {
    this.#child.stdin.end();
  }
}

/**
 * Keeps what is measured apart from what measures: `workers` have the last CPU that there is, this
 * process and what it starts from now on the others. False where there is but one.
 */
export function keepApart(workers: readonly number[]): boolean {
  const last = cpus().length - 1;
  if (last === 0) return false;
  const pin = (pid: number, list: string) => execFileSync('taskset', ['-apc', list, `${pid}`]);
  pin(process.pid, `0-${last - 1}`);
  for (const pid of workers) pin(pid, `${last}`);
  return true;
}
