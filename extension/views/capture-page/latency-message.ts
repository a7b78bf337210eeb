/** How long requests took, as the page gets it. */
import {
  heatOf,
  latencyBy,
  latencyOfAll,
  type LatencySums,
  percentiles,
} from '../../analysis/latency';
import type { Capture } from '../../capture/capture';
import { visible, type AllVisible } from '../../common/outside';
import type {
  LatencyKey,
  LatencyMessage,
  LatencyOptions,
  LatencyRowName,
} from '../../page/messages';
import { LATENCY_KEYS } from '../../page/latency';
import type { Query } from '../../profile/engine';
import type { TableQuery } from '../../profile/tables';

const INSTRUMENT = 'requests';
const LONGEST = 256;
/** More rows than anybody reads. */
const MOST_ROWS = 200;

export function latencyMessage(
  capture: Capture,
  { by, of, only }: LatencyOptions,
): AllVisible<LatencyMessage> {
  const { store } = capture;
  const query = capture.query();
  const timeline = capture.view.timeline();
  const chosen = [focusedRow(capture), only].filter((row) => row !== null);
  // Rows stand beside the chosen one, as those of the other tables do.
  const others = chosen.filter((row) => row.by !== by);
  const rows = latencyBy(store, narrowed(query, others), by, of);
  const { columns, ...heat } = heatOf(store, narrowed(timeline, chosen), store.timeUs + 1, of);
  const figures = capture.watched(INSTRUMENT, query);
  const { watchedUs, elapsedUs, lostEvents } = figures;
  const { on, missing } = capture.instrument(INSTRUMENT);
  const wholeRange = query.fromUs === timeline.fromUs && query.toUs === timeline.toUs;
  return {
    type: 'latency',
    by,
    of,
    subrequests: latencyOfAll(store, narrowed(query, chosen), 'subrequests')?.count ?? 0,
    only: only && { by: only.by, key: visible(only.key, LONGEST) },
    fromUs: Math.max(0, query.fromUs),
    toUs: Math.min(store.timeUs, query.toUs),
    startUnixMs: store.startUnixMs ?? 0,
    range: wholeRange ? null : [query.fromUs, query.toUs],
    rows: rows.slice(0, MOST_ROWS).map((row) => ({ ...row, name: visible(row.key, LONGEST) })),
    left: Math.max(0, rows.length - MOST_ROWS),
    all: latencyOfAll(store, narrowed(query, chosen), of) ?? nothing,
    heat: {
      ...heat,
      p50Us: percentiles(columns, 0.5),
      p90Us: percentiles(columns, 0.9),
      p99Us: percentiles(columns, 0.99),
      p999Us: percentiles(columns, 0.999),
      maxUs: percentiles(columns, 1),
    },
    lost: lostEvents,
    watched: elapsedUs > 0 ? Math.min(1, watchedUs / elapsedUs) : null,
    unwatched: capture.unwatched(INSTRUMENT),
    watchedSeconds: watchedUs / 1e6 / Math.max(1, capture.workers.length),
    on,
    missing: visible(missing, 600),
  };
}

const nothing: LatencySums = {
  count: 0,
  sumUs: 0,
  p50Us: 0,
  p90Us: 0,
  p99Us: 0,
  p999Us: 0,
  maxUs: 0,
  hiddenUs: 0,
  upstreamUs: 0,
  bytesIn: 0,
  bytesOut: 0,
};

/** The row that all views are narrowed to, where requests can be told by it. */
function focusedRow({ analysis }: Capture): LatencyRowName | null {
  const focus = analysis.focusedOn;
  const by = LATENCY_KEYS.find((key) => key === focus?.by && FOCUSED[key]);
  return focus === undefined || by === undefined ? null : { by, key: focus.name };
}

/** Keys whose values are those of the requests of samples. */
const FOCUSED: { readonly [K in LatencyKey]?: true } = { uri: true, host: true, method: true };

function narrowed({ fromUs, toUs, pids }: Query, rows: readonly LatencyRowName[]): TableQuery {
  const where = new Map(rows.map(({ by, key }) => [by, new Set([key])]));
  return { fromUs, toUs, ...(pids && { pids }), where };
}
