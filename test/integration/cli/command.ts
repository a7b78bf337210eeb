/** The built command, run as a user runs it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { repositoryRoot } from '../../fixtures/root';
import { handOverText } from '../../fixtures/secrets';
import { waitFor } from '../../fixtures/wait';

export const cli = join(repositoryRoot, 'dist/cli.js');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** Returns what came on stderr so far. */
  readonly stderr: () => string;
  readonly ended: Promise<Ended>;
}

export function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(process.execPath, [cli, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const stdout = text(child.stdout);
  const ended = once(child, 'close').then(async () => {
    const printed = await stdout;
    handOverText('cli', printed + stderr);
    return { code: child.exitCode, stdout: printed, stderr };
  });
  return { child, stderr: () => stderr, ended };
}

export function run(...args: string[]): Promise<Ended> {
  return start(args).ended;
}

export interface Typist {
  readonly child: ChildProcess;
  /** All that the terminal was sent so far, echo included. */
  readonly screen: () => string;
  readonly type: (keys: string) => void;
  /** Exit code of the command. */
  readonly ended: Promise<number | null>;
}

/** Runs the command on a terminal of its own, which script(1) makes. */
export function startOnTerminal(args: readonly string[], env: NodeJS.ProcessEnv = {}): Typist {
  const quoted = [process.execPath, cli, ...args].map((arg) => `'${arg.replaceAll("'", `'\\''`)}'`);
  const child = spawn('script', ['-qefc', quoted.join(' '), '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, TERM: 'xterm-256color', ...env },
  });
  let screen = '';
  child.stdout.on('data', (chunk: Buffer) => (screen += chunk.toString()));
  child.stdin.on('error', () => undefined);
  return {
    child,
    screen: () => screen,
    type: (keys) => child.stdin.write(keys),
    ended: once(child, 'close').then(() => {
      handOverText('terminal', screen);
      return child.exitCode;
    }),
  };
}

/** Runs a command that watches with an instrument while `work` is done, and ends it then by Ctrl-C. */
export async function watching<T>(
  args: readonly string[],
  instrument: string,
  work: () => Promise<T>,
): Promise<Ended & { readonly done: T }> {
  const running = start([...args, '--seconds', '120', '--verbose']);
  try {
    await waitFor(`${instrument} to be watched`, () => {
      if (running.child.exitCode !== null) throw new Error(running.stderr());
      return running.stderr().includes(`watching ${instrument}`);
    });
    const done = await work();
    running.child.kill('SIGINT');
    return { ...(await running.ended), done };
  } finally {
    running.child.kill('SIGKILL');
  }
}
