/** Coming back to a host after a connection was lost. */
import { setTimeout as delay } from 'node:timers/promises';
import { RemoteError } from '../remote';
import { ProbeError, type ProbeErrorKind } from '../probe/session';
import type { RemoteErrorKind } from '../remote';

/** Before each try; a reboot takes longer than all of them. */
const WAITS_MS = [0, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000] as const;

/** Ends of a session after which the same trace may go on. */
export const interruptions: readonly ProbeErrorKind[] = ['silenced', 'connection-lost'];

/** Errors that may be over at the next try. All else needs the user, or stays as it is. */
const passing: readonly (RemoteErrorKind | ProbeErrorKind)[] = [
  ...interruptions,
  'unreachable',
  'unknown-host',
  'timeout',
];

export interface Rejoining {
  readonly signal: AbortSignal;
  /** The try that begins now, from 1, and how many there will be at most. */
  readonly onTry: (count: number, most: number) => void;
}

/** Tries `again` until it works, is of no use, or was tried often enough; throws its last error. */
export async function rejoin<T>(
  again: () => Promise<T>,
  { signal, onTry }: Rejoining,
  waits: readonly number[] = WAITS_MS,
): Promise<T> {
  let last: unknown;
  for (const [index, wait] of waits.entries()) {
    if (wait > 0) await delay(wait, undefined, { signal });
    onTry(index + 1, waits.length);
    try {
      return await again();
    } catch (error) {
      last = error;
      const isKnown = error instanceof RemoteError || error instanceof ProbeError;
      if (!isKnown || !passing.includes(error.kind) || signal.aborted) break;
    }
  }
  throw last;
}
