/** What an instrument saw, and how well: for people, and what commands that watch one share. */
import type { WatchFigures } from '../capture/watch-log';
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
