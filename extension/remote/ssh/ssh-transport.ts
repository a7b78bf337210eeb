import { randomBytes } from 'node:crypto';
import type { ClientChannel } from 'ssh2';
import type { Log } from '../../common/log';
import { runToEnd, type ExecOptions } from '../run';
import { RemoteError, type ExecResult, type RemoteProcess, type Transport } from '../transport';
import { uploadBy } from '../upload';
import { channelProcess } from './channel-process';
import { commandLine } from './command';
import { leave, type SignedIn } from './signed-in';

const OPEN_MS = 20_000;

/** A connection that was signed in. Owns the client from then on. */
export class SshTransport implements Transport {
  private readonly listeners: ((reason: RemoteError | undefined) => void)[] = [];
  private readonly closed: Promise<void>;
  private lastError = '';
  private disposed = false;
  private over = false;

  constructor(
    readonly label: string,
    private readonly signedIn: SignedIn,
    log: Log,
  ) {
    const { client } = signedIn;
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
  }

  async spawn(argv: readonly string[]): Promise<RemoteProcess> {
    const marker = newMarker();
    return this.openChannel(commandLine(argv, marker), (channel) =>
      channelProcess({
        channel,
        marker,
        connectionClosed: this.closed,
        signal: (pid, signal) => void this.signal(pid, signal),
      }),
    );
  }

  async exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    const result = await runToEnd(await this.spawn(argv), argv[0] ?? '', options);
    // Its end may have been that of the connection, and output may be missing.
    if (this.over) throw this.lost();
    return result;
  }

  upload(content: Uint8Array, path: string, mode: number): Promise<void> {
    return uploadBy((argv, options) => this.exec(argv, options), content, path, mode);
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
    const marker = newMarker();
    try {
      const command = commandLine(['/bin/sh', '-c', `kill -${signal} ${pid}`], marker);
      await this.openChannel(command, (channel) => {
        channel.resume();
        channel.stderr.resume();
      });
    } catch {
      // Without a connection there is nothing to signal by; the program hears of its end itself.
    }
  }

  /** `use` comes at once: of a command that is short its end may be in the next bytes already. */
  private openChannel<T>(command: string, use: (channel: ClientChannel) => T): Promise<T> {
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
        if (!error) return resolve(use(channel));
        reject(this.over ? this.lost() : refusedChannel(this.label, error));
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

const newMarker = (): string => `acupoint-${randomBytes(12).toString('hex')}-`;

function refusedChannel(label: string, error: Error): RemoteError {
  return new RemoteError(
    'failed',
    `${label} let you in but did not run a command. The account may be limited to file ` +
      'transfers or ' +
      'to one command, or too many sessions may be open on this connection.',
    error.message,
  );
}
