import { connect, type Socket } from 'node:net';
import type { HostConfig } from '../config/host-config';
import { RemoteError } from '../transport';
import { networkError } from './errors';

/** Of several addresses of one name, each gets this long before the next is tried as well. */
const PER_ADDRESS_MS = 2000;

/** A TCP connection to the host. Throws RemoteError; nothing stays open then. */
export function dial(
  { hostname, port, family, connectTimeoutMs }: HostConfig,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: hostname,
      port,
      ...(family === undefined ? {} : { family }),
      autoSelectFamily: family === undefined,
      autoSelectFamilyAttemptTimeout: PER_ADDRESS_MS,
      noDelay: true,
    });
    const settle = (error?: Error): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
      socket.removeListener('error', settle);
      socket.removeListener('connect', settle);
      if (!error) return resolve(socket);
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error instanceof RemoteError ? error : networkError(error, hostname, port));
    };
    const cancel = (): void => settle(new RemoteError('cancelled', 'Connecting was cancelled.'));
    const timer = setTimeout(
      () => settle(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })),
      connectTimeoutMs,
    );
    signal.addEventListener('abort', cancel);
    socket.once('error', settle);
    socket.once('connect', () => settle());
    if (signal.aborted) cancel();
  });
}
