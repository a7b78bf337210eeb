import type { ClientChannel } from 'ssh2';
import type { HostConfig } from '../config/host-config';
import type { Log } from '../../common/log';
import { RemoteError } from '../transport';
import { cancelled } from './errors';
import { leave, type SignedIn } from './signed-in';

interface TunnelContext {
  readonly signal: AbortSignal;
  readonly log: Log;
}

/**
 * A connection from the jump host on to the next one. Owns the jump: with the stream its connection
 * ends, and the other way round. Throws RemoteError; nothing stays open then.
 */
export function openTunnel(
  jump: SignedIn,
  jumpHost: string,
  { hostname, port, connectTimeoutMs }: HostConfig,
  { signal, log }: TunnelContext,
): Promise<ClientChannel> {
  const { client } = jump;
  return new Promise((resolve, reject) => {
    let settled = false;
    const settle = (): boolean => {
      const first = !settled;
      settled = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
      return first;
    };
    const fail = (error: RemoteError): void => {
      if (!settle()) return;
      leave(jump);
      reject(error);
    };
    const cancel = (): void => fail(cancelled());
    const timer = setTimeout(
      () => fail(silent(jumpHost, hostname, port, connectTimeoutMs)),
      connectTimeoutMs,
    );
    client.on('error', (error: Error) => log.trace(`ssh ${jumpHost}: ${error.message}`));
    client.once('close', () => {
      log.info(`The connection to ${jumpHost} is closed`);
      fail(lost(jumpHost));
    });
    signal.addEventListener('abort', cancel);
    if (signal.aborted) return cancel();
    client.forwardOut('127.0.0.1', 0, hostname, port, (error, channel) => {
      if (error) return fail(refused(jumpHost, hostname, port, error));
      if (!settle()) return channel.destroy();
      channel.once('close', () => leave(jump));
      client.once('close', () => channel.destroy());
      resolve(channel);
    });
  });
}

function refused(jumpHost: string, host: string, port: number, error: Error): RemoteError {
  const { reason } = error as Error & { reason?: string | number };
  const isForbidden = reason === 'ADMINISTRATIVELY_PROHIBITED' || reason === 1;
  const advice = isForbidden
    ? `${jumpHost} lets you in but forwards no connections. Ask for AllowTcpForwarding there, or ` +
      'name another way in your ssh config.'
    : `${jumpHost} could not connect to ${host} port ${port}. Check that the name is known there, ` +
      'and that sshd runs.';
  return new RemoteError('unreachable', advice, error.message);
}

function silent(jumpHost: string, host: string, port: number, afterMs: number): RemoteError {
  return new RemoteError(
    'timeout',
    `${jumpHost} did not reach ${host} port ${port} within ${afterMs / 1000} s. It may be down, or ` +
      'blocked by a firewall.',
  );
}

function lost(jumpHost: string): RemoteError {
  return new RemoteError(
    'connection-lost',
    `The connection to ${jumpHost}, a host on the way, was lost. Connect again.`,
  );
}
