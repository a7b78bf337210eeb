/** Latencies as of a gateway whose loop blocks for a while: what the page is tried with. */
import { heatOf, percentiles } from '../../extension/analysis/latency';
import type { LatencyFigures, LatencyMessage } from '../../extension/page/messages';
import { bucketOf } from '../../extension/profile/histogram';
import { TableLog } from '../../extension/profile/tables';

export const SECONDS = 240;
export const START_MS = Date.UTC(2026, 10, 23, 13, 0, 0);
/** From second 100 on, a tenth of the requests take 30 ms longer, for half a minute. */
export const SLOW = [100, 130] as const;

const uris: readonly [string, perSecond: number, baseUs: number][] = [
  ['/api/orders', 60, 2200],
  ['/api/orders/{id}/items', 25, 5200],
  ['/api/login', 8, 21_000],
  ['/health', 10, 160],
  ['/static/app.js', 30, 310],
];

/** The same numbers each time. */
function random(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

function rowsOf(uri: string, values: readonly number[]) {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(bucketOf(value), (counts.get(bucketOf(value)) ?? 0) + 1);
  const buckets = [...counts.keys()].sort((one, other) => one - other);
  return {
    series: 'requests.latency',
    pids: Uint32Array.of(1),
    keys: [uri],
    counts: Float64Array.of(values.length),
    sums: Float64Array.of(values.reduce((sum, value) => sum + value, 0)),
    least: Float64Array.of(Math.min(...values)),
    most: Float64Array.of(Math.max(...values)),
    bucketRows: Uint32Array.of(buckets.length),
    buckets: Uint32Array.from(buckets),
    bucketCounts: Float64Array.from(buckets, (bucket) => counts.get(bucket)!),
  };
}

function table(): TableLog {
  const log = new TableLog({
    name: 'requests.latency',
    instrument: 'requests',
    shape: 'tables',
    unit: 'us',
    estimated: false,
    keys: [{ name: 'uri', number: false }],
  });
  const next = random(7);
  for (let second = 0; second < SECONDS; second++) {
    for (const [uri, perSecond, baseUs] of uris) {
      const values = Array.from({ length: perSecond }, () => {
        const spread = Math.exp(0.9 * (next() + next() + next() - 1.5));
        const slow = second >= SLOW[0] && second < SLOW[1] && next() < 0.1 ? 30_000 : 0;
        return Math.round(baseUs * spread + slow);
      });
      log.append((second + 1) * 1e6 - 1, rowsOf(uri, values));
    }
  }
  return log;
}

let made: LatencyMessage | undefined;

export function latencyOf(changes: Partial<LatencyMessage> = {}): LatencyMessage {
  made ??= make();
  return { ...made, ...changes };
}

function make(): LatencyMessage {
  const log = table();
  const query = { fromUs: 0, toUs: Infinity };
  const figures = (by: string[]): (LatencyFigures & { key: string; name: string })[] =>
    log.rows(query, by).map(({ keys, count, sum, most, p50, p90, p99, p999 }) => ({
      key: String(keys[0] ?? ''),
      name: String(keys[0] ?? ''),
      count,
      sumUs: sum,
      p50Us: p50!,
      p90Us: p90!,
      p99Us: p99!,
      p999Us: p999!,
      maxUs: most,
      hiddenUs: keys[0] === '/static/app.js' ? 0 : sum * 0.043,
      upstreamUs: keys[0] === '/health' || keys[0] === '/static/app.js' ? 0 : sum * 0.61,
      bytesIn: count * 420,
      bytesOut: count * 3140,
    }));
  const { columns, ...heat } = heatOf({ table: () => log }, query, SECONDS * 1e6);
  return {
    type: 'latency',
    of: 'requests',
    subrequests: 0,
    by: 'uri',
    only: null,
    fromUs: 0,
    toUs: SECONDS * 1e6,
    startUnixMs: START_MS,
    range: null,
    rows: figures(['uri']),
    left: 0,
    all: figures([])[0]!,
    heat: {
      ...heat,
      p50Us: percentiles(columns, 0.5),
      p90Us: percentiles(columns, 0.9),
      p99Us: percentiles(columns, 0.99),
      p999Us: percentiles(columns, 0.999),
      maxUs: percentiles(columns, 1),
    },
    lost: 0,
    watched: 1,
    unwatched: [],
    watchedSeconds: SECONDS,
    on: true,
    missing: '',
  };
}
