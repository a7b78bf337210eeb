import { createRequire } from 'node:module';
import type * as probe from '../probe';

/** What of probe/ is needed to reach a probe. The rest of the room is types. */
export type FarEnd = Pick<typeof probe, 'openProbe' | 'removeProbe'>;

/**
 * The wire's decoder is half as large as the rest of the extension, and not needed before the first
 * connection: it stands in a bundle of its own.
 * @param bundle absolute path of that bundle (dist/probe.js).
 */
export function farEndFrom(bundle: string): () => FarEnd {
  let loaded: FarEnd | undefined;
  return () => (loaded ??= createRequire(bundle)(bundle) as FarEnd);
}
