import { fromOutside, type Outside } from './outside';

/** The message of whatever was thrown, in its own words: they may quote the host. */
export function messageOf(error: unknown): Outside {
  return fromOutside(error instanceof Error ? error.message : String(error));
}
