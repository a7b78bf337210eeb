/** The far end: what the rest of the extension uses of this room. */
import type { Log } from '../remote/log';
import type { Transport } from '../remote/transport';
import { ProbeError, type ProbeSession } from './session';

export * from './session';

export interface OpenProbeOptions {
  /** Holds `<arch>/acupoint-probe` for each architecture that is supported (dist/probes). */
  readonly probesDir: string;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Short sentences for the progress notification. */
  readonly onProgress?: (text: string) => void;
}

/**
 * Lands the probe on the machine where it is not there yet, starts it with what privilege it can get and
 * shakes hands. Throws ProbeError, or the transport's RemoteError. The session owns the probe, not the
 * transport.
 */
export async function openProbe(
  transport: Transport,
  options: OpenProbeOptions,
): Promise<ProbeSession> {
  throw new ProbeError('other', 'not yet');
}

/** Deletes every probe that we landed on the machine; resolves with the paths that were deleted. */
export async function removeProbe(transport: Transport, log: Log): Promise<string[]> {
  return [];
}
