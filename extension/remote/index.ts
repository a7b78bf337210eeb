/** Reaching a machine: what the rest of the extension uses of this room. */
import type { Destination } from './destination';
import type { Log } from './log';
import type { Prompter } from './prompter';
import { RemoteError, type Transport } from './transport';

export * from './destination';
export * from './log';
export * from './prompter';
export * from './transport';

/** A host for the picker. */
export interface HostEntry {
  /** The alias to connect to: `parseDestination(alias)` is its destination. */
  readonly alias: string;
  /** For people, "user@name:port" as far as the config says it; '' where it adds nothing. */
  readonly description: string;
}

export interface ConnectOptions {
  readonly signal: AbortSignal;
  readonly log: Log;
  /** A folder of the extension's own; the host keys that the user accepted are kept in it. */
  readonly stateDir: string;
  /** Short sentences for the progress notification. */
  readonly onProgress?: (text: string) => void;
}

/**
 * Connects and signs in. Throws RemoteError: 'cancelled' when the signal aborts or the user gives no
 * answer, else what went wrong; nothing is left open then.
 */
export async function connect(
  destination: Destination,
  prompter: Prompter,
  options: ConnectOptions,
): Promise<Transport> {
  throw new RemoteError('failed', 'not yet');
}

/** The hosts that the user's ssh config names (patterns left out); empty where there is no config. */
export async function listHosts(): Promise<HostEntry[]> {
  return [];
}
