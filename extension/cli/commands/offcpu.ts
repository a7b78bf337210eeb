/** Where workers are blocked, outside the wait of their event loop: as tables or for machines. */
import { visible } from '../../common/outside';
import { amountText, stackSeries } from '../../profile/series';
import { sinceStart, type ProfileStore } from '../../profile/store';
import { alignColumns } from '../columns';
import { defineCommand, type Terminal } from '../command-line/command';
import { json } from '../command-line/common-options';
import { integer } from '../command-line/option';
import { sourceOf, sourceOptions, type Source } from '../command-line/target-options';
import { hotFunctions, type HotFunction } from '../hot-functions';
import { figuresOf, tellMissing, watchedText } from '../instrument-text';
import { printJson, printLines } from '../output';
import { part } from '../report-text';
import { withSamples, type Samples } from '../samples';
import { tableLines } from '../table';

const series = stackSeries.offcpu;
const query = { ...sinceStart, measure: series.name };
/** All blocked time, counted exactly, also where only some of it has a stack. */
const REASONS = 'offcpu.reasons';

type Request = Source & { readonly rows: number };

export const offcpu = defineCommand({
  name: 'offcpu',
  summary: 'where workers are blocked, and by what',
  usage: ['[user@host] --pid P|--master P [options]', '--from x.acupoint [options]'],
  about: [
    'Shows by function where workers were blocked: in a system call that waits, in a page fault, or ' +
      'ready to run while others had the CPU. A worker that waits for events in its event loop is ' +
      'idle and not blocked.',
  ],
  options: {
    ...sourceOptions,
    rows: integer({
      flag: 'rows',
      value: 'N',
      range: [1, 10_000],
      default: 50,
      help: 'functions in the table or JSON object',
    }),
    json: json(
      'one JSON object on stdout when done',
      '{"fromMs","toMs","timeSeconds","events","lost","functions":[{"name","file","line","self",' +
        '"total"}],"reasons":[{"name","share"}]}',
      'fromMs and toMs are when it began and ended to watch, in Unix milliseconds; timeSeconds is the blocked ' +
        'time of all workers, in so many events; lost events are in no function. self, total and ' +
        'share are fractions of the blocked time.',
    ),
  },
  read: (values, common): Request => ({ ...sourceOf(values, common), rows: values.rows }),
  run,
});

/** Shows what was seen, whatever ended it. */
async function run(request: Request, terminal: Terminal): Promise<void> {
  const watching = { instruments: [series.instrument] };
  await withSamples(request, terminal, watching, async (samples) => {
    const { sampling } = samples;
    const { rows } = await hotFunctions(sampling.store, query, request.rows);
    const reasons = reasonsOf(sampling.store);
    const { lostEvents } = figuresOf(sampling, series.instrument);
    const sums = { ...sumsOf(reasons), lost: lostEvents };
    if (request.json) printJson(forMachines(samples, sums, rows, reasons), 2);
    else printLines(lines(samples, sums, rows, reasons));
    const nothing = 'No worker was blocked while they were watched.';
    const { instrument } = series;
    tellMissing(sampling, instrument, sums.events === 0, nothing, terminal.messages);
  });
}

interface Reason {
  readonly reason: string;
  readonly events: number;
  readonly timeUs: number;
}

interface Sums {
  readonly timeUs: number;
  readonly events: number;
  readonly lost: number;
}

function reasonsOf(store: ProfileStore): Reason[] {
  const rows = store.table(REASONS)?.rows(sinceStart, ['reason']) ?? [];
  return rows.map(({ keys, count, sum }) => ({
    reason: String(keys[0]),
    events: count,
    timeUs: sum,
  }));
}

function sumsOf(reasons: readonly Reason[]) {
  return {
    timeUs: reasons.reduce((sum, { timeUs }) => sum + timeUs, 0),
    events: reasons.reduce((sum, { events }) => sum + events, 0),
  };
}

function forMachines(
  { fromMs, toMs }: Samples,
  { timeUs, events, lost }: Sums,
  rows: readonly HotFunction[],
  reasons: readonly Reason[],
) {
  return {
    fromMs,
    toMs,
    timeSeconds: timeUs / 1e6,
    events,
    lost,
    functions: rows.map(({ name, file, line, self, total }) => ({ name, file, line, self, total })),
    reasons: reasons.map((each) => ({ name: each.reason, share: part(each.timeUs, timeUs) })),
  };
}

function lines(
  { sampling, host }: Samples,
  { timeUs, events, lost }: Sums,
  rows: readonly HotFunction[],
  reasons: readonly Reason[],
): string[] {
  const title = visible(`${sampling.title} on ${host}`, 200);
  const seen = watchedText(figuresOf(sampling, series.instrument));
  const time = amountText(series.quantity, timeUs);
  const cells = reasons.map((each) => [
    visible(each.reason, 60),
    '',
    (100 * part(each.timeUs, timeUs)).toFixed(1),
    amountText(series.quantity, each.timeUs),
    String(each.events),
    '',
  ]);
  return [
    `${title}: blocked for ${time} ${seen}, ${events} times, ${lost} lost`,
    ...tableLines(rows, 200),
    '',
    ...alignColumns([['reason', '', 'share %', 'time', 'times', ''], ...cells]),
  ];
}
