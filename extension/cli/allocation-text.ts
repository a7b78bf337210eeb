/** Sums of allocations, as bursts saw them. */
import type { WatchFigures } from '../capture/watch-log';
import { bytesText } from '../profile/bytes';
import type { Query } from '../profile/engine';
import { stackSeries } from '../profile/series';
import { sinceStart } from '../profile/store';
import { figuresOf, tellMissing } from './instrument-text';
import type { Sampling } from './sampling';
import type { Messages } from './terminal';

export const series = stackSeries.allocated;
export const allocatedQuery: Query = { ...sinceStart, measure: series.name };

export function allocationFigures(sampling: Sampling): WatchFigures {
  return figuresOf(sampling, series.instrument);
}

/** @throws Failed where they cannot be watched. */
export function tellMissingAllocations(sampling: Sampling, messages: Messages): void {
  const nothing = sampling.store.tallies.of(series.name).weight === 0;
  const text = 'Nothing was allocated while the workers were watched.';
  tellMissing(sampling, series.instrument, nothing, text, messages);
}

/** "1.4 MB seen in 0.32 of 10.0 s" */
export function seenText(report: { weight: number }, figures: WatchFigures): string {
  const { watchedUs, elapsedUs, lostValue } = figures;
  const lost = lostValue > 0 ? `, ${bytesText(lostValue)} more in no stack` : '';
  const of = `${(watchedUs / 1e6).toFixed(2)} of ${(elapsedUs / 1e6).toFixed(1)} s`;
  return `${bytesText(report.weight)} seen in ${of}${lost}`;
}
