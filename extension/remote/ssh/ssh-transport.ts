import { setTimeout as delay } from 'node:timers/promises';
import type { ClientChannel } from 'ssh2';
import type { ConnectOptions } from '../connect-options';
import { runToEnd } from '../run';
import {
  RemoteError,
  type ExecOptions,
  type ExecResult,
  type RemoteProcess,
  type Transport,
  type UploadOptions,
} from '../transport';
import { uploadBy } from '../upload';
import { commandLine } from './command';
import { Shell } from './shell';
import { leave, type SignedIn } from './signed-in';

const OPEN_MS = 60_000;
/** A server that allows few sessions may not have closed the last one yet. */
const OPEN_AGAIN_MS = [50, 100, 200, 400, 800, 1600];

/** A connection that was signed in. Owns the client from then on. */
export class SshTransport implements Transport {
  private readonly listeners: ((reason: RemoteError | undefined) => void)[] = [];
  private readonly closed: Promise<void>;
  private lastError = '';
  private disposed = false;
  private over = false;
  private readonly shell: Shell;
  /** Sessions that the server has opened. */
  private opened = 0;

  constructor(
    readonly label: string,
    private readonly signedIn: SignedIn,
    { log, onProgress, onWaiting, keepWaiting }: ConnectOptions,
  ) {
    const { client, user } = signedIn;
    client.on('error', (error: Error) => {
      this.lastError = error.message;
      log.trace(`ssh ${label}: ${error.message}`);
    });
    this.closed = new Promise((resolve) => {
      client.once('close', () => {
        this.over = true;
        log.info(`The connection to ${label} is closed${this.lastError && `: ${this.lastError}`}`);
        const reason = this.disposed ? undefined : this.lost();
        for (const listener of this.listeners) listener(reason);
        resolve();
      });
    });
    this.shell = new Shell({
      label,
      user,
      onProgress,
      onWaiting,
      keepWaiting,
      connectionClosed: this.closed,
      openChannel: (command, insists, use) => this.openChannel(command, use, insists),
      signal: (pid, signal) => void this.signal(pid, signal),
      check: () => {
        if (this.disposed || this.over) throw this.lost();
      },
    });
  }

  spawn(argv: readonly string[]): Promise<RemoteProcess> {
    return this.shell.start(argv);
  }

  async exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    const result = await runToEnd(await this.spawn(argv), argv[0] ?? '', options);
    // Its end may have been that of the connection, and output may be missing.
    if (this.over) throw this.lost();
    return result;
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
    leave(this.signedIn);
  }

  private async signal(pid: number, signal: string): Promise<void> {
    try {
      const command = commandLine(['/bin/sh', '-c', `kill -${signal} ${pid}`], 'signal-');
      await this.openChannel(command, (channel) => {
        channel.end();
        channel.resume();
        channel.stderr.resume();
      });
    } catch {
      // Without a connection there is nothing to signal by; the program hears of its end itself.
    }
  }

  private async openChannel<T>(
    command: string,
    use: (channel: ClientChannel) => T,
    insists = true,
  ): Promise<T> {
    for (const wait of insists && this.opened > 0 ? OPEN_AGAIN_MS : []) {
      try {
        return await this.openOnce(command, use);
      } catch (error) {
        if (!(error instanceof RemoteError) || error.kind !== 'no-session') throw error;
        await delay(wait);
      }
    }
    return this.openOnce(command, use);
  }

  /** `use` comes at once: of a command that is short its end may be in the next bytes already. */
  private openOnce<T>(command: string, use: (channel: ClientChannel) => T): Promise<T> {
    if (this.disposed || this.over) throw this.lost();
    return new Promise((resolve, reject) => {
      let isLate = false;
      const late = setTimeout(() => {
        isLate = true;
        reject(
          new RemoteError(
            'timeout',
            `${this.label} did not start a command within ${OPEN_MS / 1000} s. ` +
              'The host or the connection hangs; connect again.',
          ),
        );
      }, OPEN_MS);
      this.signedIn.client.exec(command, (error, channel) => {
        clearTimeout(late);
        if (isLate) return channel?.close();
        if (!error) {
          this.opened++;
          return resolve(use(channel));
        }
        reject(this.over ? this.lost() : refusedChannel(this.label, error, this.opened > 0));
      });
    });
  }

  private lost(): RemoteError {
    if (this.disposed) {
      return new RemoteError('connection-lost', `The connection to ${this.label} was closed.`);
    }
    return new RemoteError(
      'connection-lost',
      `The connection to ${this.label} was lost. Connect again when the host can be reached.`,
      this.lastError,
    );
  }
}

function refusedChannel(label: string, error: Error, openedBefore: boolean): RemoteError {
  // ssh2 has a reason for sessions alone, and none for a command that was refused within one.
  if (openedBefore && 'reason' in error) {
    return new RemoteError(
      'no-session',
      `${label} allows no further session on this connection, and those that it allows are in use ` +
        '(MaxSessions in its sshd_config). Two are enough.',
      error.message,
    );
  }
  return new RemoteError(
    'failed',
    `${label} let you in but did not run a command. The account may be limited to file ` +
      'transfers or ' +
      'to one command, or too many sessions may be open on this connection.',
    error.message,
  );
}
