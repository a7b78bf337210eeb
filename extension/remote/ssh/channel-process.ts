import type { EventEmitter } from 'node:events';
import type { ClientChannel } from 'ssh2';
import type { ExitStatus, RemoteProcess } from '../transport';
import { MarkerGate } from './marker-gate';

/** A program has this long after each way of ending it. */
const KILL_GRACE_MS = 2000;
/** After a shell has ended, its last words have this long to arrive. */
const DRAIN_MS = 1000;
/** Of a shell that did not start the program. */
const LONGEST_WORDS = 4096;

export interface ChannelContext {
  readonly channel: ClientChannel;
  readonly marker: string;
  /** Resolves when the connection is gone. */
  readonly connectionClosed: Promise<void>;
  /** Sends a signal to a process of the host. */
  readonly signal: (pid: number, signal: 'TERM' | 'KILL') => void;
}

/** How far the shell behind a channel came with our script. */
export type Beginning =
  | { readonly kind: 'begun'; readonly behindTerminal: boolean }
  /** The script runs, and its output goes elsewhere. */
  | { readonly kind: 'mute' }
  /** It runs, after something had read all of the input. */
  | { readonly kind: 'replaced' }
  | ({ readonly kind: 'ended'; readonly said: string } & ExitStatus);

export interface ChannelProgram {
  readonly process: RemoteProcess;
  readonly beginning: Promise<Beginning>;
  /** Returns what came instead of the program so far. */
  readonly said: () => string;
}

/** A program behind an ssh channel. */
export function channelProgram(context: ChannelContext): ChannelProgram {
  const { channel, marker, connectionClosed } = context;
  const stdout = new MarkerGate(marker);
  const stderr = new MarkerGate(marker);
  const drained = Promise.all([event(stdout, 'finish'), event(stderr, 'finish')]);
  channel.pipe(stdout);
  channel.stderr.pipe(stderr);
  const opened = event(stdout, 'open');
  const openedBeside = event(stderr, 'open');

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
  const said = (): string => {
    const texts = [stdout, stderr].map(({ noise }) => noise.toString('utf8').trim());
    return texts.filter(Boolean).join('\n').slice(-LONGEST_WORDS);
  };

  const begun = opened.then((): Beginning => ({
    kind: 'begun',
    behindTerminal: stdout.behindTerminal,
  }));
  const ended = exit.then(async (status): Promise<Beginning> => {
    await within(DRAIN_MS, drained);
    if (stdout.pid !== undefined) return begun;
    return { kind: 'ended', said: said(), ...status };
  });
  const mute = openedBeside.then(async (): Promise<Beginning> => {
    await within(DRAIN_MS, opened);
    return stdout.pid === undefined ? { kind: 'mute' } : begun;
  });
  const beginning = Promise.race([begun, ended, mute]);
  const closed = Promise.race([event(channel, 'close'), connectionClosed]);
  const process = { stdin: channel, stdout, stderr, exit, closed, kill };
  return { process, beginning, said };
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
    if (stdout.pid === undefined) await within(KILL_GRACE_MS, event(stdout, 'open'), exit);
    if (stdout.pid !== undefined) signal(stdout.pid, name);
    if (await within(KILL_GRACE_MS, exit)) return;
  }
  channel.close();
}

/** Never, where it does not come. */
function event(emitter: EventEmitter, name: string): Promise<void> {
  return new Promise((resolve) => emitter.once(name, () => resolve()));
}

/** True when one of them came within the time. */
async function within(ms: number, ...events: readonly Promise<unknown>[]): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([...events.map((event) => event.then(() => true)), late]);
  } finally {
    clearTimeout(timer);
  }
}
