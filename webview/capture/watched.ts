/**
 * The status line's words for a measure that is watched while it is looked at: what was seen, and
 * what that comes to.
 */
import { amountText, stackSeries, type StackSeries } from '../../extension/profile/series';
import type { WatchedFacts } from '../../extension/page/messages';
import { oneDecimal } from '../common/format';

/** "1.4 MB seen in 0.32 of 60.1 s", "1.43 s blocked in 60.1 s" */
export function seenText(facts: WatchedFacts): string {
  const { value, watchedMs, elapsedMs } = facts;
  if (elapsedMs === 0) return '';
  const { inBursts, words } = seriesOf(facts);
  const all = `${oneDecimal(elapsedMs / 1000)} s`;
  const amount = amountOf(facts, value);
  return inBursts
    ? `${amount} seen in ${seconds(watchedMs)} of ${all}`
    : `${amount} ${words.column} in ${all}`;
}

export function seenTitle(facts: WatchedFacts): string {
  const { inBursts, words } = seriesOf(facts);
  const shares = `Shares are those of ${words.whole}.`;
  return inBursts
    ? `Seen in short bursts, out of all the time, summed over workers. ${shares}`
    : `All since the watch began; times are summed over workers. ${shares}`;
}

/** "about 4.4 MB/s, 12.4 KB per request" */
export function estimateText(facts: WatchedFacts): string {
  const { perSecond, perRequest } = facts;
  const parts = [
    ...(perSecond === null ? [] : [`${amountOf(facts, perSecond)}/s`]),
    ...(perRequest === null ? [] : [`${amountOf(facts, perRequest)} per request`]),
  ];
  const about = seriesOf(facts).inBursts ? 'about ' : '';
  return parts.length === 0 ? '' : `${about}${parts.join(', ')}`;
}

export function estimateTitle(facts: WatchedFacts): string {
  return seriesOf(facts).inBursts
    ? 'Estimated from the bursts: the amount seen, by the time that was watched and by the requests ' +
        'that came in during them. Longer watching makes it more certain.'
    : 'Of all workers that are traced, and for each request that nginx took on in that time';
}

export function lostText(facts: WatchedFacts): string {
  return facts.lostValue > 0 ? `${amountOf(facts, facts.lostValue)} in no stack` : '';
}

export const LOST = 'Seen, and in no stack, since a buffer was full';

function seriesOf({ measure }: WatchedFacts): StackSeries {
  return stackSeries[measure];
}

function amountOf(facts: WatchedFacts, amount: number): string {
  return amountText(seriesOf(facts).quantity, amount);
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 1);
}
