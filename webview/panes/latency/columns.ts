/** The columns of the table of requests. */
import { bytesText } from '../../../extension/profile/bytes';
import type { LatencyKey, LatencyMessage, LatencyRow } from '../../../extension/page/messages';
import { percent, whole } from '../../common/format';
import type { GridColumn } from '../../common/grid';
import { KEY_WORDS, latency, rateText } from './words';

type Column = GridColumn<LatencyRow>;

const HIDDEN_HINT =
  'Part of the latency that the access log does not see: nginx takes $request_time from a clock ' +
  'that it reads once for each round of its event loop, so what blocks the loop is not in it';

export function columnsOf({ by, all, watched, watchedSeconds }: LatencyMessage): Column[] {
  const bursts = watched !== null && watched < 0.995;
  const figure = (id: string, title: string, hint: string, value: Column['value']): Column => ({
    id,
    title,
    hint,
    numeric: true,
    value,
    text: (row) => latency(value(row) as number),
  });
  const part = (id: string, title: string, hint: string, of: (row: LatencyRow) => number) => ({
    id,
    title,
    hint,
    numeric: true,
    value: (row: LatencyRow) => of(row) / Math.max(1, row.sumUs),
    text: (row: LatencyRow) => (of(row) > 0 ? percent(of(row), row.sumUs) : '–'),
  });
  return [
    nameColumn(by),
    {
      id: 'count',
      title: bursts ? 'Seen' : 'Requests',
      hint: bursts ? 'Requests that ended while they were watched' : 'Requests that have ended',
      numeric: true,
      value: ({ count }) => count,
      text: ({ count }) => whole(count),
    },
    {
      id: 'rate',
      title: '/ s',
      hint: 'Requests a second, of all workers that are watched',
      numeric: true,
      value: ({ count }) => count,
      text: ({ count }) =>
        watchedSeconds > 0 ? `${bursts ? '≈ ' : ''}${rateText(count / watchedSeconds)}` : '–',
    },
    {
      id: 'share',
      title: 'Time',
      hint: 'Part of the latency of all requests together',
      numeric: true,
      value: ({ sumUs }) => sumUs,
      text: ({ sumUs }) => percent(sumUs, all.sumUs),
    },
    figure('mean', 'Mean', 'Latency of a request on average', (row) => row.sumUs / row.count),
    figure('p50', 'p50', 'Half of the requests took no longer', ({ p50Us }) => p50Us),
    figure('p90', 'p90', '90 % of the requests took no longer', ({ p90Us }) => p90Us),
    figure('p99', 'p99', '99 % of the requests took no longer', ({ p99Us }) => p99Us),
    figure('p999', 'p99.9', '99.9 % of the requests took no longer', ({ p999Us }) => p999Us),
    figure('max', 'Max', 'The longest of those that were seen', ({ maxUs }) => maxUs),
    part('hidden', 'Not in log', HIDDEN_HINT, ({ hiddenUs }) => hiddenUs),
    part(
      'upstream',
      'Upstream',
      'Part of the latency that was spent on waiting for upstreams, as nginx measures it',
      ({ upstreamUs }) => upstreamUs,
    ),
    {
      id: 'bytes',
      title: 'Sent',
      hint: 'Bytes that were sent to the client, for each request',
      numeric: true,
      value: ({ bytesOut, count }) => bytesOut / Math.max(1, count),
      text: ({ bytesOut, count }) => bytesText(bytesOut / Math.max(1, count)),
    },
  ];
}

function nameColumn(by: LatencyKey): Column {
  return {
    id: 'name',
    title: KEY_WORDS[by][0],
    hint: 'Target of the requests; a click leaves only these',
    numeric: false,
    value: ({ name }) => name.toLowerCase(),
    text: ({ name }) => name,
  };
}
