import type { Client } from 'ssh2';
import { GOODBYE_MS } from './route';

/** A connection that was signed in. */
export interface SignedIn {
  readonly client: Client;
  /** Who signed in. */
  readonly user: string;
  /** Ends the connection at once, and those that it leads over. */
  readonly destroy: () => void;
}

/**
 * Says goodbye, and ends the connection all the same where nobody answers: over a dead link ssh2's
 * own ways of ending it wait for ever.
 */
export function leave({ client, destroy }: Pick<SignedIn, 'client' | 'destroy'>): void {
  const timer = setTimeout(destroy, GOODBYE_MS);
  client.once('close', () => clearTimeout(timer));
  client.end();
}
