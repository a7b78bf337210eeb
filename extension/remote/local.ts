import { spawn, type ChildProcess } from 'node:child_process';
import { runToEnd } from './run';
import {
  RemoteError,
  type ExecOptions,
  type ExecResult,
  type ExitStatus,
  type RemoteProcess,
  type Transport,
  type UploadOptions,
} from './transport';
import { uploadBy } from './upload';

/** After a closed stdin and a SIGTERM a program has this long before SIGKILL. */
const KILL_GRACE_MS = 2000;

/** This machine, as a transport: programs are children of this process. */
export class LocalTransport implements Transport {
  readonly label = 'This machine';
  private readonly children = new Set<ChildProcess>();
  private readonly listeners: ((reason: RemoteError | undefined) => void)[] = [];
  private disposed = false;

  spawn(argv: readonly string[]): Promise<RemoteProcess> {
    const [program, ...rest] = argv;
    if (program === undefined) throw new RemoteError('failed', 'There is no program to run.');
    if (this.disposed) throw new RemoteError('connection-lost', 'The session was closed.');
    const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.children.add(child);
    const exit = new Promise<ExitStatus>((resolve) => {
      child.once('exit', (code, signal) => {
        this.children.delete(child);
        resolve({ code, signal });
      });
    });
    return new Promise((resolve, reject) => {
      child.once('error', (error) => {
        this.children.delete(child);
        reject(cannotStart(program, error));
      });
      child.once('spawn', () => {
        const { stdin, stdout, stderr } = child;
        resolve({ stdin, stdout, stderr, exit, kill: () => end(child) });
      });
    });
  }

  async exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    return runToEnd(await this.spawn(argv), argv[0] ?? '', options);
  }

  upload(content: Uint8Array, path: string, mode: number, options?: UploadOptions): Promise<void> {
    return uploadBy((argv, how) => this.exec(argv, how), content, path, mode, options);
  }

  onDidClose(listener: (reason: RemoteError | undefined) => void): void {
    this.listeners.push(listener);
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    for (const child of this.children) end(child);
    for (const listener of this.listeners) listener(undefined);
  }
}

function end(child: ChildProcess): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.stdin?.on('error', () => undefined);
  child.stdin?.end();
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), KILL_GRACE_MS);
  child.once('exit', () => clearTimeout(timer));
}

function cannotStart(program: string, error: NodeJS.ErrnoException): RemoteError {
  if (error.code === 'ENOENT') {
    return new RemoteError('not-found', `${program} is not on this machine.`, error.message);
  }
  if (error.code === 'EACCES' || error.code === 'ENOEXEC') {
    return new RemoteError(
      'no-exec',
      `${program} may not be run: it is not executable, or its folder is mounted noexec.`,
      error.message,
    );
  }
  return new RemoteError('failed', `${program} could not be started: ${error.message}.`);
}
