/** What the status line says of allocations: what was seen, and what is estimated from it. */
import { bytesText } from '../../extension/profile/bytes';
import { oneDecimal } from '../common/format';
import type { AllocationFacts } from '../../extension/page/messages';

export const SEEN =
  'What Lua code asked for while it was watched: in short bursts, out of all the time, summed over ' +
  'workers. Shares are those of these bytes.';

export const ESTIMATE =
  'Estimated from the bursts: what was seen, by the time that was watched and by the requests that ' +
  'came in meanwhile. Longer watching makes it more certain.';

export const LOST = 'What was asked for in bursts and is in no stack, since a buffer was full';

/** "1.4 MB seen in 0.32 of 60.1 s" */
export function seenText({ bytes, watchedMs, elapsedMs }: AllocationFacts): string {
  if (elapsedMs === 0) return '';
  return `${bytesText(bytes)} seen in ${seconds(watchedMs)} of ${oneDecimal(elapsedMs / 1000)} s`;
}

/** "about 4.4 MB/s, 12.4 KB per request" */
export function estimateText({ bytesPerSecond, bytesPerRequest }: AllocationFacts): string {
  const parts = [
    ...(bytesPerSecond === null ? [] : [`${bytesText(bytesPerSecond)}/s`]),
    ...(bytesPerRequest === null ? [] : [`${bytesText(bytesPerRequest)} per request`]),
  ];
  return parts.length === 0 ? '' : `about ${parts.join(', ')}`;
}

export function lostText({ lostBytes }: AllocationFacts): string {
  return lostBytes > 0 ? `${bytesText(lostBytes)} in no stack` : '';
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 1);
}
