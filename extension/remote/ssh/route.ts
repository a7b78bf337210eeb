import type { Duplex } from 'node:stream';
import type { RemoteError } from '../transport';

/** After a goodbye the other side has this long to close the connection. */
export const GOODBYE_MS = 1000;

/** A way to a host, whatever it leads over. */
export interface Route {
  /** The bytes to the host's ssh server. */
  readonly stream: Duplex;
  /** True where it leads to a loopback address without anything in between. */
  readonly isLoopback?: boolean;
  /** Ends it at once, where a goodbye would not get through. */
  readonly destroy: () => void;
  /** Why the route itself may be what made a sign-in fail, where it knows. */
  readonly explain?: (error: unknown) => Promise<RemoteError | undefined>;
}
