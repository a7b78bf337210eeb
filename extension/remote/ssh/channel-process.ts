import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import type { ExitStatus, RemoteProcess } from '../transport';
import { MarkerGate } from './marker-gate';

/** A program has this long after each way of ending it. */
const KILL_GRACE_MS = 2000;

export interface ChannelContext {
  readonly channel: ClientChannel;
  readonly marker: string;
  /** Resolves when the connection is gone. */
  readonly connectionClosed: Promise<void>;
  /** Sends a signal to a process of the host. */
  readonly signal: (pid: number, signal: 'TERM' | 'KILL') => void;
}

/** A program behind an ssh channel. */
export function channelProcess(context: ChannelContext): RemoteProcess {
  const { channel, marker, connectionClosed } = context;
  const stderr = new PassThrough();
  // Without a marker our script never ran: what the login shell said instead is an error message.
  const stdout = new MarkerGate(marker, (noise) => stderr.write(noise));
  channel.pipe(stdout);
  channel.stderr.pipe(stderr, { end: false });
  const written = once(stdout, 'finish');
  void Promise.all([written, once(channel.stderr, 'end')]).then(() => stderr.end());

  let leave: () => void = () => undefined;
  const exit = new Promise<ExitStatus>((resolve) => {
    leave = () => resolve({ code: null, signal: null });
    channel.on('exit', (code: number | null, signal?: string) => {
      resolve({ code, signal: signal ?? null });
    });
    channel.on('close', leave);
    void connectionClosed.then(leave);
  });
  let killed = false;
  const kill = (): void => {
    if (killed) return;
    killed = true;
    void end(context, stdout, exit).then(leave);
  };
  return { stdin: channel, stdout, stderr, exit, kill };
}

/**
 * Closes its stdin and signals it by its process id: sshd passes on no signals for sessions of
 * root. A program that outlives even that, as one of another user may, is left to itself.
 */
async function end(
  { channel, signal }: ChannelContext,
  stdout: MarkerGate,
  exit: Promise<unknown>,
): Promise<void> {
  channel.end();
  for (const name of ['TERM', 'KILL'] as const) {
    if (stdout.pid === undefined) await within(once(stdout, 'open'), exit);
    if (stdout.pid !== undefined) signal(stdout.pid, name);
    if (await within(exit)) return;
  }
  channel.close();
}

/** True when one of them came within the time of grace. */
async function within(...events: readonly Promise<unknown>[]): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), KILL_GRACE_MS);
  });
  try {
    return await Promise.race([...events.map((event) => event.then(() => true)), late]);
  } finally {
    clearTimeout(timer);
  }
}
