import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../../common/log';
import { RemoteError, type RemoteErrorKind } from '../transport';
import type { Route } from './route';

/** Of what the command says of itself, the end. */
const KEPT = 2000;
/** From the end of the stream on. */
const GOODBYE_MS = 500;

const mayBeItsEnd: ReadonlySet<RemoteErrorKind> = new Set([
  'connection-lost',
  'unreachable',
  'failed',
]);

/**
 * A command of the user's ssh config, in a shell as ssh runs it, whose input and output are the
 * connection. It is ended with the stream.
 */
export function runProxyCommand(command: string, log: Log): Route {
  const [shell, ...args] =
    process.platform === 'win32'
      ? [process.env['ComSpec'] ?? 'cmd.exe', '/d', '/s', '/c', command]
      : [process.env['SHELL'] || '/bin/sh', '-c', `exec ${command}`];
  const child = spawn(shell, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
    windowsVerbatimArguments: true,
  });
  let said = '';
  /** How it ended, where that was not well and not from here. */
  const ended = new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('close', (code, signal) => {
      if (code === 0 || child.killed) resolve(undefined);
      else resolve(`ended ${signal ?? `with code ${code}`}`);
    });
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-KEPT);
    log.trace(`ProxyCommand: ${text.trim()}`);
  });
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  // Most end by themselves when their input does, and say why if that is not what they wanted.
  stream.once('close', () => {
    const timer = setTimeout(() => child.kill(), GOODBYE_MS);
    child.once('exit', () => clearTimeout(timer));
  });
  return {
    stream,
    destroy: () => {
      child.kill('SIGKILL');
      stream.destroy();
    },
    explain: async (error) => {
      if (!(error instanceof RemoteError) || !mayBeItsEnd.has(error.kind)) return undefined;
      const how = await Promise.race([ended, delay(2 * GOODBYE_MS, undefined, { ref: false })]);
      if (how === undefined) return undefined;
      const words = said.trim() === '' ? '.' : `, and said: ${lastLine(said)}`;
      return new RemoteError(
        'unreachable',
        `The ProxyCommand of your ssh config ${how} before you were signed in${words} ` +
          `Try it in a terminal: ${command}`,
        `${error.message}\n${said}`,
      );
    },
  };
}

function lastLine(text: string): string {
  const line = text.trim().split('\n').at(-1)!.trim();
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
