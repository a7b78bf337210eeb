/** The readers that are fuzzed here. */
import type { Target } from './reading';
import { recordingsTarget } from './recordings';
import { configTarget, knownHostsTarget } from './texts';
import { wireTarget } from './wire';

export const targets: Readonly<Record<string, Target>> = {
  wire: wireTarget,
  recordings: recordingsTarget,
  'known-hosts': knownHostsTarget,
  config: configTarget,
};
