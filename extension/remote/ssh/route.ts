import type { Duplex } from 'node:stream';
import type { RemoteError } from '../transport';

/** A way to a host, whatever it leads over. */
export interface Route {
  /** The bytes to the host's ssh server. */
  readonly stream: Duplex;
  /** True where it leads to a loopback address without anything in between. */
  readonly isLoopback?: boolean;
  /** Why the route itself may be what made a sign-in fail, where it knows. */
  readonly explain?: (error: unknown) => Promise<RemoteError | undefined>;
}
