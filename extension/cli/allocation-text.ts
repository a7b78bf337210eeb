/** Sums of allocations, as bursts saw them. */
import type { AllocationFigures } from '../capture/burst-log';
import { bytesText } from '../profile/bytes';
import type { Query } from '../profile/engine';
import { sinceStart } from '../profile/store';
import { Failed } from './exit';
import type { Sampling } from './sampling';
import type { Messages } from './terminal';

export const allocatedQuery: Query = { ...sinceStart, measure: 'allocated' };

export function allocationFigures({ bursts, health, allWorkers }: Sampling): AllocationFigures {
  return bursts.figures(allocatedQuery, health?.pids.length ?? 1, allWorkers);
}

/** @throws Failed where they cannot be watched. */
export function tellMissing(sampling: Sampling, messages: Messages): void {
  const missing = sampling.health?.bursts?.missing ?? '';
  const nothing = sampling.store.tallies.bytes === 0;
  if (missing !== '' && nothing) throw new Failed(missing);
  if (missing !== '') messages.say(missing);
  else if (nothing) messages.say('Nothing was allocated while the workers were watched.');
}

/** "1.4 MB seen in 0.32 of 10.0 s" */
export function seenText(report: { weight: number }, figures: AllocationFigures): string {
  const { watchedUs, elapsedUs, lostBytes } = figures;
  const lost = lostBytes > 0 ? `, ${bytesText(lostBytes)} more in no stack` : '';
  const of = `${(watchedUs / 1e6).toFixed(2)} of ${(elapsedUs / 1e6).toFixed(1)} s`;
  return `${bytesText(report.weight)} seen in ${of}${lost}`;
}
