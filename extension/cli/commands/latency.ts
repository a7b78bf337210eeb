/** A request taken apart: what it waits for and who makes it wait, adding up to its latency. */
import { Analysis } from '../../analysis/analysis';
import { latencyOfAll, type LatencySums } from '../../analysis/latency';
import type { Report } from '../../analysis/report';
import { type Waits, waitsIn, withoutLasting } from '../../analysis/waits';
import { visible } from '../../common/outside';
import { stackSeries } from '../../profile/series';
import { sinceStart } from '../../profile/store';
import { alignColumns } from '../columns';
import { defineCommand, type Terminal } from '../command-line/command';
import { json } from '../command-line/common-options';
import { rowOptions, rowsOf, type Rows } from '../command-line/grouping-options';
import { sourceOf, sourceOptions, type Source } from '../command-line/target-options';
import { figuresOf, isPartial, tellMissing } from '../instrument-text';
import { printJson, printLines } from '../output';
import { part } from '../report-text';
import { withSamples } from '../samples';

const REQUESTS = 'requests';
const { waiting, cpu } = stackSeries;

type Request = Source & Rows;

export const latency = defineCommand({
  name: 'latency',
  summary: 'what the latency of a request is made of: waits, owners, CPU',
  usage: ['[user@host] --pid P|--master P [options]', '--from x.acupoint [options]'],
  about: [
    'Counts requests with their latency, and looks some twenty times a second at where those in flight ' +
      'wait. By how much of their time each wait takes, the mean latency is divided: parts add up ' +
      'to the whole. "does not wait" is CPU time, and waiting for the event loop to come to it.',
  ],
  options: {
    ...sourceOptions,
    ...rowOptions,
    json: json(
      'one JSON object on stdout when done',
      '{"fromMs","toMs","requests","lost","estimated","meanMs","p50Ms","p90Ms","p99Ms","maxMs",' +
        '"lookedAtSeconds","lastingSeconds","parts":[{"for","ms","share"}],"rows":[{"name","kind","waitMs","share",' +
        '"cpuUs"}]}',
      'fromMs and toMs are when it began and ended to watch, in Unix milliseconds. parts sum to meanMs, and so do ' +
        'the waitMs of rows, which are owners unless --by says otherwise; cpuUs is the CPU time of a ' +
        'request in microseconds. lookedAtSeconds is the time of requests that was looked at, lastingSeconds that of those ' +
        'in flight for over a minute, which are no part of the rest. Where ' +
        'no request ended, meanMs and what follows from it are null.',
    ),
  },
  read: (values, common): Request => ({ ...sourceOf(values, common), ...rowsOf(values) }),
  run,
});

/** Shows what was seen, whatever ended it. */
async function run(request: Request, terminal: Terminal): Promise<void> {
  const watching = { instruments: [REQUESTS, waiting.instrument] };
  await withSamples(request, terminal, watching, async ({ sampling, host, fromMs, toMs }) => {
    const { store, title } = sampling;
    const figures = figuresOf(sampling, REQUESTS);
    const analysis = new Analysis(store, request.rules);
    const shown = withoutLasting(store, { ...sinceStart, measure: waiting.name });
    const taken: Taken = {
      all: latencyOfAll(store, sinceStart),
      lost: figures.lostEvents,
      estimated: isPartial(figures),
      waits: await waitsIn(store, shown),
      allUs: store.tallies.of(waiting.name).weight,
      waiting: await analysis.report(shown, request.by, 'phase'),
      cpu: await analysis.report({ ...sinceStart, measure: cpu.name }, request.by, 'phase'),
    };
    if (request.json) printJson({ fromMs, toMs, ...forMachines(taken) }, 2);
    else printLines(lines(taken, request.by, `${title} on ${host}`));
    const nothing = taken.all === undefined;
    const text = 'No request ended while they were watched.';
    tellMissing(sampling, REQUESTS, nothing, text, terminal.messages);
    for (const problem of analysis.rules.problems) terminal.messages.say(problem);
  });
}

export interface Taken {
  /** undefined: no request ended. */
  readonly all: LatencySums | undefined;
  readonly lost: number;
  /** Only bursts were watched. */
  readonly estimated: boolean;
  readonly waits: Waits;
  /** Microseconds of all requests that were looked at, those that last on among them. */
  readonly allUs: number;
  readonly waiting: Report;
  readonly cpu: Report;
}

/** Mean milliseconds of a request; null: none ended. */
function meanOf({ all }: Taken): number | null {
  return all === undefined || all.count === 0 ? null : all.sumUs / all.count / 1000;
}

interface OwnerRow {
  readonly name: string;
  readonly kind: string;
  readonly waitMs: number | null;
  readonly share: number;
  readonly cpuUs: number | null;
}

/** Waiting rows, and those that only use CPU; CPU is per request as often as requests were seen. */
function rowsIn(taken: Taken): OwnerRow[] {
  const mean = meanOf(taken);
  const whole = taken.waiting.weight;
  // By Little's law: so many requests have the time that was looked at.
  const requests = mean === null || mean === 0 ? null : whole / 1000 / mean;
  const cpuOf = new Map(taken.cpu.rows.map((row) => [row.name, row.weight + row.caused]));
  const names = new Set(taken.waiting.rows.map(({ name }) => name));
  const rows = [
    ...taken.waiting.rows,
    ...taken.cpu.rows
      .filter(({ name }) => !names.has(name))
      .map(({ name, kind }) => ({ name, kind, weight: 0 })),
  ];
  return rows
    .map(({ name, kind, weight }) => ({
      name,
      kind,
      share: part(weight, whole),
      waitMs: mean === null ? null : part(weight, whole) * mean,
      cpuUs: requests === null || requests === 0 ? null : (cpuOf.get(name) ?? 0) / requests,
    }))
    .filter(({ share, cpuUs }) => share > 0 || (cpuUs ?? 0) > 0);
}

export function forMachines(taken: Taken) {
  const { all, lost, estimated, waits } = taken;
  const mean = meanOf(taken);
  const ms = (us: number | undefined) => (us === undefined ? null : us / 1000);
  return {
    requests: all?.count ?? 0,
    lost,
    estimated,
    meanMs: mean,
    p50Ms: ms(all?.p50Us),
    p90Ms: ms(all?.p90Us),
    p99Ms: ms(all?.p99Us),
    maxMs: ms(all?.maxUs),
    lookedAtSeconds: waits.weight / 1e6,
    lastingSeconds: (taken.allUs - waits.weight) / 1e6,
    parts: waits.waitsFor.map(([text, weight]) => ({
      for: text,
      ms: mean === null ? null : part(weight, waits.weight) * mean,
      share: part(weight, waits.weight),
    })),
    rows: rowsIn(taken),
  };
}

export function lines(taken: Taken, by: string, title: string): string[] {
  const { all, lost, estimated, waits } = taken;
  const mean = meanOf(taken);
  const ms = (value: number | null) =>
    value === null ? '-' : value >= 100 ? value.toFixed(0) : value.toFixed(value >= 1 ? 1 : 3);
  const percent = (share: number) => (100 * share).toFixed(1);
  const p = (us: number | undefined) => ms(us === undefined ? null : us / 1000);
  const parts = waits.waitsFor.map(([text, weight]) => {
    const share = part(weight, waits.weight);
    return [visible(text, 80), '', percent(share), ms(mean === null ? null : share * mean), ''];
  });
  const rows = rowsIn(taken).map((row) => [
    visible(row.name, 60),
    by === 'owner' ? row.kind : '',
    percent(row.share),
    ms(row.waitMs),
    row.cpuUs === null ? '-' : row.cpuUs.toFixed(1),
    '',
  ]);
  return [
    `${visible(title, 200)}: ${all?.count ?? 0} requests ${estimated ? 'seen in bursts' : 'counted'}, ` +
      `${lost} lost; mean ${ms(mean)} ms, p50 ${p(all?.p50Us)}, p90 ${p(all?.p90Us)}, ` +
      `p99 ${p(all?.p99Us)}, max ${p(all?.maxUs)}`,
    ...(taken.allUs > waits.weight
      ? [
          `${((taken.allUs - waits.weight) / 1e6).toFixed(1)} s more are of requests in flight for over a minute`,
        ]
      : []),
    ...alignColumns([['waits for', '', 'share %', 'ms / request', ''], ...parts]),
    '',
    ...alignColumns([[by, '', 'time %', 'ms / request', 'CPU, us / request', ''], ...rows]),
  ];
}
