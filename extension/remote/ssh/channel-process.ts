import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import type { ExitStatus, RemoteProcess } from '../transport';
import { MarkerGate } from './marker-gate';

/** After a signal and the end of its stdin a program has this long before its channel is closed. */
const KILL_GRACE_MS = 2000;
/** What arrived before a connection was lost has this long to be read. */
const DRAIN_MS = 1000;

/** A program behind an ssh channel. `connectionClosed` resolves when the connection is gone. */
export function channelProcess(
  channel: ClientChannel,
  marker: string,
  connectionClosed: Promise<void>,
): RemoteProcess {
  const stderr = new PassThrough();
  // Without a marker our script never ran: what the login shell said instead is an error message.
  const stdout = new MarkerGate(marker, (noise) => stderr.write(noise));
  channel.pipe(stdout);
  channel.stderr.pipe(stderr, { end: false });

  const status: { code: number | null; signal: string | null } = { code: null, signal: null };
  channel.on('exit', (code: number | null, signal?: string) => {
    status.code = code;
    status.signal = signal ?? null;
  });
  const closed = once(channel, 'close');
  const stdoutRead = once(stdout, 'end');
  const stderrRead = once(stderr, 'end');
  const stderrArrived = once(channel.stderr, 'end');
  void Promise.all([stdoutRead, stderrArrived]).then(() => stderr.end());

  const allRead = Promise.all([closed, stdoutRead, stderrRead]);
  const cut = connectionClosed.then(
    () => new Promise((done) => setTimeout(done, DRAIN_MS).unref()),
  );
  const exit = Promise.race([allRead, cut]).then((): ExitStatus => status);

  return { stdin: channel, stdout, stderr, exit, kill: () => end(channel, exit) };
}

function end(channel: ClientChannel, exit: Promise<unknown>): void {
  // Before the end of its stdin: ssh2 sends no signal to a channel that is half closed.
  channel.signal('TERM');
  channel.end();
  const timer = setTimeout(() => channel.close(), KILL_GRACE_MS);
  void exit.then(() => clearTimeout(timer));
}
