/**
 * Says what an instrument saw, and how well: for people, and shared by the commands that watch one.
 */
import type { WatchFigures } from '../capture/watch-log';
import type { Query } from '../profile/engine';
import { amountText, type StackSeries } from '../profile/series';
import { sinceStart } from '../profile/store';
import { Failed } from './exit';
import type { Sampling } from './sampling';
import type { Messages } from './terminal';

export function figuresOf(
  { watched, health, allWorkers }: Sampling,
  instrument: string,
): WatchFigures {
  return watched.of(instrument).figures(sinceStart, health?.pids.length ?? 1, allWorkers);
}

/** Stretches of time that have bursts of their own, to compare them; none: it watched all the time. */
export function burstParts({ watched }: Sampling, instrument: string, query: Query): Query[] {
  return watched.of(instrument).parts(query);
}

/** Whether only a part of the time was watched, in bursts. */
export function isPartial({ watchedUs, elapsedUs }: WatchFigures): boolean {
  return watchedUs < elapsedUs;
}

/** "in 10.0 s of workers", "in 0.32 of 10.0 s of workers" */
export function watchedText(figures: WatchFigures): string {
  const { watchedUs, elapsedUs } = figures;
  const all = `${(elapsedUs / 1e6).toFixed(1)} s of workers`;
  return isPartial(figures) ? `in ${(watchedUs / 1e6).toFixed(2)} of ${all}` : `in ${all}`;
}

/** "1.4 MB seen in 0.32 of 10.0 s" */
export function seenText({ quantity }: StackSeries, weight: number, figures: WatchFigures): string {
  const { watchedUs, elapsedUs, lostValue } = figures;
  const lost = lostValue > 0 ? `, ${amountText(quantity, lostValue)} more in no stack` : '';
  const of = `${(watchedUs / 1e6).toFixed(2)} of ${(elapsedUs / 1e6).toFixed(1)} s`;
  return `${amountText(quantity, weight)} seen in ${of}${lost}`;
}

/**
 * Says why an instrument saw nothing, or that there was nothing to see.
 * @param nothing no row of it came.
 * @throws Failed where it could not watch.
 */
export function tellMissing(
  { watched }: Sampling,
  instrument: string,
  nothing: boolean,
  nothingText: string,
  messages: Messages,
): void {
  const { missing } = watched.of(instrument);
  if (missing !== '' && nothing) throw new Failed(missing);
  if (missing !== '') messages.say(missing);
  else if (nothing) messages.say(nothingText);
}

/** The same of a series of stacks. */
export function tellMissingRows(sampling: Sampling, series: StackSeries, messages: Messages): void {
  const nothing = sampling.store.tallies.of(series.name).weight === 0;
  const text = `${series.words.Whole}: none was seen while the workers were watched.`;
  tellMissing(sampling, series.instrument, nothing, text, messages);
}
