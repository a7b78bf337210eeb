/** Latencies, times and keys as people read them. */
import { amountText } from '../../../extension/profile/series';
import type { LatencyKey, LatencyMessage } from '../../../extension/page/messages';
import { count, oneDecimal, whole } from '../../common/format';

/** Heads the column of a key, and stands in the list of keys. */
export const KEY_WORDS: Readonly<Record<LatencyKey, readonly [title: string, all: string]>> = {
  uri: ['URI', 'By URI'],
  route: ['Route', 'By route (location)'],
  host: ['Host', 'By host'],
  method: ['Method', 'By method'],
  status: ['Status', 'By status'],
  phase: ['Phase', 'By phase at the end'],
  upstream: ['Upstream', 'By upstream'],
};

/** "840 µs", "12.5 ms", "1.43 s" */
export function latency(microseconds: number): string {
  return amountText('time', microseconds);
}

/** How much of the truth the figures are. */
export function factsOf(message: LatencyMessage): string {
  const { all, lost, of, subrequests, watched, watchedSeconds } = message;
  const bursts = watched !== null && watched < 0.995;
  const rate = watchedSeconds > 0 ? all.count / watchedSeconds : null;
  return [
    `${count(all.count, of === 'requests' ? 'request' : 'subrequest')}${bursts ? ' seen' : ''}`,
    rate === null ? '' : `${bursts ? '≈ ' : ''}${rateText(rate)} / s`,
    watchedText(watched),
    of === 'requests' && subrequests > 0
      ? `${count(subrequests, 'subrequest')} within their time`
      : '',
    lost > 0 ? `${whole(lost)} lost` : '',
    message.on ? '' : 'not being watched now',
  ]
    .filter((text) => text !== '')
    .join(' · ');
}

function watchedText(watched: number | null): string {
  if (watched === null) return '';
  if (watched >= 0.995) return 'watched 100 % of the time';
  const part = watched < 0.1 ? oneDecimal(100 * watched) : whole(100 * watched);
  return `watched ${part} % of the time, in bursts: shares and percentiles are estimates`;
}

export function rateText(rate: number): string {
  return rate < 10 ? oneDecimal(rate) : whole(rate);
}
