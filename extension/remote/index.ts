/** Reaching a machine: what the rest of the extension uses of this room. */
import type { Destination } from './destination';
import type { ConnectOptions } from './connect-options';
import type { Prompter } from './prompter';
import { LocalTransport } from './local';
import { loadSsh } from './ssh/load';
import type { Transport } from './transport';

export * from './config/list-hosts';
export type { ConnectOptions } from './connect-options';
export * from './destination';
export { LocalTransport } from './local';
export * from './host-key-notice';
export { NoQuestions } from './no-questions';
export { patiently } from './patience';
export * from './prompter';
export * from './transport';

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
