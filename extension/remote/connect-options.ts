import type { Log } from '../common/log';
import type { Patience } from './patience';

export interface ConnectOptions extends Pick<Patience, 'onProgress' | 'onWaiting' | 'keepWaiting'> {
  readonly signal: AbortSignal;
  readonly log: Log;
  /** A folder of the extension's own; the host keys that the user accepted are kept in it. */
  readonly stateDir: string;
  /** A ssh configuration instead of the user's and the system's. */
  readonly configFile?: string;
}
