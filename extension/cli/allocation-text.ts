/** Sums of allocations, as bursts saw them. */
import type { WatchFigures } from '../capture/watch-log';
import { bytesText } from '../profile/bytes';
import type { Query } from '../profile/engine';
import { stackSeries } from '../profile/series';
import { sinceStart } from '../profile/store';
import { Failed } from './exit';
import type { Sampling } from './sampling';
import type { Messages } from './terminal';

export const series = stackSeries.allocated;
export const allocatedQuery: Query = { ...sinceStart, measure: series.name };

export function allocationFigures({ watched, health, allWorkers }: Sampling): WatchFigures {
  return watched
    .of(series.instrument)
    .figures(allocatedQuery, health?.pids.length ?? 1, allWorkers);
}

/** @throws Failed where they cannot be watched. */
export function tellMissing(sampling: Sampling, messages: Messages): void {
  const { missing } = sampling.watched.of(series.instrument);
  const nothing = sampling.store.tallies.of(series.name).weight === 0;
  if (missing !== '' && nothing) throw new Failed(missing);
  if (missing !== '') messages.say(missing);
  else if (nothing) messages.say('Nothing was allocated while the workers were watched.');
}

/** "1.4 MB seen in 0.32 of 10.0 s" */
export function seenText(report: { weight: number }, figures: WatchFigures): string {
  const { watchedUs, elapsedUs, lostValue } = figures;
  const lost = lostValue > 0 ? `, ${bytesText(lostValue)} more in no stack` : '';
  const of = `${(watchedUs / 1e6).toFixed(2)} of ${(elapsedUs / 1e6).toFixed(1)} s`;
  return `${bytesText(report.weight)} seen in ${of}${lost}`;
}
