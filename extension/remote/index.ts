/** Reaching a machine: what the rest of the extension uses of this room. */
import type { Destination } from './destination';
import type { Log } from './log';
import type { Prompter } from './prompter';
import { LocalTransport } from './local';
import { loadSsh } from './ssh/load';
import type { Transport } from './transport';

export * from './config/list-hosts';
export * from './destination';
export { LocalTransport } from './local';
export * from './host-key-notice';
export * from './log';
export * from './prompter';
export * from './transport';

export interface ConnectOptions {
  readonly signal: AbortSignal;
  readonly log: Log;
  /** A folder of the extension's own; the host keys that the user accepted are kept in it. */
  readonly stateDir: string;
  /** A ssh configuration instead of the user's and the system's. */
  readonly configFile?: string;
  /** Short sentences for the progress notification. */
  readonly onProgress?: (text: string) => void;
}

/**
 * Connects and signs in. Throws RemoteError: 'cancelled' when the signal aborts or the user gives
 * no answer, else what went wrong; nothing is left open then.
 */
export async function connect(
  destination: Destination,
  prompter: Prompter,
  options: ConnectOptions,
): Promise<Transport> {
  if (destination.kind === 'local') return new LocalTransport();
  const { connectSsh } = await loadSsh();
  return connectSsh(destination, prompter, options);
}
