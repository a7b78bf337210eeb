/** Latencies of requests, as a table or for machines. */
import { visible } from '../../common/outside';
import { LATENCY_KEYS, type LatencyKey } from '../../page/latency';
import { type RequestKind, tablesOf } from '../../profile/request-tables';
import { sinceStart, type ProfileStore } from '../../profile/store';
import type { TableRow } from '../../profile/tables';
import { keyText } from '../../analysis/latency';
import type { WatchFigures } from '../../capture/watch-log';
import { alignColumns } from '../columns';
import { defineCommand, type Terminal } from '../command-line/command';
import { json } from '../command-line/common-options';
import { choice, integer } from '../command-line/option';
import { sourceOf, sourceOptions, type Source } from '../command-line/target-options';
import { figuresOf, isPartial, tellMissing, watchedText } from '../instrument-text';
import { printJson, printLines } from '../output';
import { withSamples } from '../samples';

const INSTRUMENT = 'requests';

type Request = Source & { readonly by: LatencyKey; readonly rows: number };

const byOption = choice({
  flag: 'by',
  value: 'KEY',
  of: LATENCY_KEYS,
  default: 'uri',
  noun: 'a key',
  help: 'rows of the table',
});

export const requests = defineCommand({
  name: 'requests',
  summary: 'how long requests take, by URI, status, upstream, ...',
  usage: ['[user@host] --pid P|--master P [options]', '--from x.acupoint [options]'],
  about: [
    'Shows latencies of the requests that ended while it watched, with percentiles: from the first byte of ' +
      'a request to the end of its answer, by a clock that the event loop cannot hold up. Every ' +
      'request is counted where the budget allows it; else bursts of them are.',
  ],
  options: {
    ...sourceOptions,
    by: byOption,
    rows: integer({
      flag: 'rows',
      value: 'N',
      range: [1, 100_000],
      default: 1000,
      help: 'most rows of the table or JSON object',
      more: 'those with the largest sums are kept',
    }),
    json: json(
      'one JSON object on stdout when done',
      '{"fromMs","toMs","requests","lost","estimated","rows":[{"key":{},"count","sumMs","p50Ms",' +
        '"p90Ms","p99Ms","p999Ms","maxMs"}],"subrequests":{"count","rows"}}',
      'fromMs and toMs are when it began and ended to watch, in Unix milliseconds. requests were counted, lost ' +
        'ones are in no row; estimated: only bursts were watched. key has the value of KEY, which ' +
        "is '' (a status 0) where it is not known. Rows stand by descending sum. subrequests have " +
        'rows of the same form: what requests made of their own server, within their time.',
    ),
  },
  read: (values, common): Request => ({
    ...sourceOf(values, common),
    by: values.by,
    rows: values.rows,
  }),
  run,
});

/** Shows what was seen, whatever ended it. */
async function run(request: Request, terminal: Terminal): Promise<void> {
  const { by } = request;
  const watching = { instruments: [INSTRUMENT] };
  await withSamples(request, terminal, watching, async ({ sampling, host, fromMs, toMs }) => {
    const figures = figuresOf(sampling, INSTRUMENT);
    const latencies = latenciesIn(sampling.store, figures, by, request.rows);
    const parts = latenciesIn(sampling.store, figures, by, request.rows, 'subrequests');
    if (request.json) printJson({ fromMs, toMs, ...forMachines(latencies, by, parts) }, 2);
    else printLines(lines(latencies, figures, by, `${sampling.title} on ${host}`, parts));
    if (latencies.left > 0)
      terminal.messages.say(`${latencies.left} more rows are left out; --rows takes more.`);
    const nothing = 'No request ended while they were watched.';
    tellMissing(sampling, INSTRUMENT, latencies.count === 0, nothing, terminal.messages);
  });
}

export interface Latencies {
  readonly count: number;
  /** Requests that are in no row. */
  readonly lost: number;
  /** Only bursts were watched, or rows stand for more than what was seen. */
  readonly estimated: boolean;
  readonly rows: readonly TableRow[];
  /** Rows that are not among these. */
  readonly left: number;
}

/** @param most rows. */
export function latenciesIn(
  store: ProfileStore,
  figures: WatchFigures,
  by: LatencyKey,
  most: number,
  of: RequestKind = 'requests',
): Latencies {
  const table = store.table(tablesOf(of).latency);
  const rows = table?.rows(sinceStart, [by]) ?? [];
  return {
    count: rows.reduce((sum, { count }) => sum + count, 0),
    lost: figures.lostEvents,
    estimated: table?.info.estimated === true || isPartial(figures),
    rows: rows.slice(0, most),
    left: Math.max(0, rows.length - most),
  };
}

export function forMachines(
  { count, lost, estimated, rows }: Latencies,
  by: LatencyKey,
  parts: Latencies,
) {
  return {
    requests: count,
    lost,
    estimated,
    rows: rowsForMachines(rows, by),
    subrequests: { count: parts.count, rows: rowsForMachines(parts.rows, by) },
  };
}

function rowsForMachines(rows: readonly TableRow[], by: LatencyKey) {
  return rows.map((row) => ({
    key: { [by]: row.keys[0] },
    count: row.count,
    sumMs: row.sum / 1000,
    p50Ms: milliseconds(row.p50),
    p90Ms: milliseconds(row.p90),
    p99Ms: milliseconds(row.p99),
    p999Ms: milliseconds(row.p999),
    maxMs: row.most / 1000,
  }));
}

function milliseconds(microseconds: number | null): number | null {
  return microseconds === null ? null : microseconds / 1000;
}

export function lines(
  { count: all, lost, estimated, rows }: Latencies,
  figures: WatchFigures,
  by: LatencyKey,
  title: string,
  parts: Latencies,
): string[] {
  const seen = estimated ? 'seen in bursts' : 'counted';
  return [
    `${visible(title, 200)}: ${all} requests ${seen} ${watchedText(figures)}, ${lost} lost`,
    ...tableOf(rows, by, 'requests'),
    ...(parts.count === 0
      ? []
      : ['', 'Within their time, subrequests:', ...tableOf(parts.rows, by, 'subrequests')]),
  ];
}

function tableOf(rows: readonly TableRow[], by: LatencyKey, of: RequestKind): string[] {
  const cells = rows.map(({ keys, count, sum, p50, p90, p99, p999, most }) => [
    visible(keyText(keys[0]), 80),
    '',
    String(count),
    ...[sum, p50, p90, p99, p999, most].map(text),
    '',
  ]);
  const head = [by, '', of, 'sum, ms', 'p50', 'p90', 'p99', 'p99.9', 'max', ''];
  return alignColumns([head, ...cells]);
}

/** Milliseconds with as many digits as the table's 2.5 % are worth. */
function text(microseconds: number | null): string {
  if (microseconds === null) return '-';
  const value = microseconds / 1000;
  return value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(3);
}
