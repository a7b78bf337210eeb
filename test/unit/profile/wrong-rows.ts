/** Rows of exceptions, responses and log lines, as a probe has them. */
import type { KeyValue, SeriesInfo, TableRows } from '../../../extension/profile/rows';
import { tricks } from '../../fixtures/tricks';
import { emptyBatch } from './sample-profile';

export const hostile = Object.values(tricks).join('');
const PLACES = ['file', 'line', 'from_file', 'from_line', 'origin_file', 'origin_line'];
const NUMBERS = ['status', 'caught', 'line', 'from_line', 'origin_line'];
const CORE = '@/usr/local/openresty/lualib/resty/core/exit.lua';

function declared(name: string, keys: readonly string[]): SeriesInfo {
  return {
    name,
    instrument: 'errors',
    shape: 'tables',
    unit: 'count',
    estimated: false,
    keys: [...keys, ...PLACES].map((key) => ({ name: key, number: NUMBERS.includes(key) })),
  };
}

function table(series: string, rows: readonly (readonly [readonly KeyValue[], number])[]) {
  const counts = Float64Array.from(rows, ([, count]) => count);
  const none = new Float64Array();
  return {
    series,
    pids: new Uint32Array(rows.length).fill(100),
    keys: rows.flatMap(([keys]) => keys),
    counts,
    sums: counts,
    least: counts.map(() => 1),
    most: counts.map(() => 1),
    bucketRows: new Uint32Array(),
    buckets: new Uint32Array(),
    bucketCounts: none,
  } satisfies TableRows;
}

/** All that comes in one batch, at this time. */
export function wrongBatch(timeUs: number) {
  return {
    ...emptyBatch,
    timeUs,
    series: [
      declared('errors.exceptions', ['message', 'caught']),
      declared('errors.responses', ['status']),
      declared('errors.log', ['level', 'text']),
    ],
    tables: [
      table('errors.exceptions', [
        [['no such order', 1, '@/srv/a.lua', 7, '=content_by_lua(nginx.conf:3)', 1, '', 0], 2],
        [['(table)', 2, '@/srv/resty/core/x.lua', 9, '', 0, '', 0], 5],
        [[hostile, 0, '=x', 1, '', 0, '', 0], 1],
      ]),
      table('errors.responses', [
        [[403, CORE, 52, '@/srv/response.lua', 8, '@/srv/handler.lua', 31], 4],
        // The same line, by another way of ngx.exit.
        [[403, '@/srv/response.lua', 8, '@/srv/handler.lua', 31, '', 0], 3],
        [[404, CORE, 52, '', 0, '', 0], 2],
        [[0, '@/srv/a.lua', 7, '', 0, '', 0], 1],
        [[0xffffffff, '@/srv/a.lua', 9, '', 0, '', 0], 1],
      ]),
      table('errors.log', [
        [['error', '', '@/srv/log.lua', 3, '@/srv/a.lua', 7, '', 0], 6],
        [['warn', 'upstream server temporarily disabled', '', 0, '', 0, '', 0], 2],
      ]),
    ],
  };
}
