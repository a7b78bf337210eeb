/** Where workers are blocked, outside the wait of their event loop: as tables or for machines. */
import type { WatchFigures } from '../../capture/watch-log';
import { visible } from '../../common/outside';
import { FrameKind } from '../../profile/frames';
import { amountText, stackSeries } from '../../profile/series';
import { sinceStart, type ProfileStore } from '../../profile/store';
import { alignColumns } from '../columns';
import { defineCommand, type Terminal } from '../command-line/command';
import { json } from '../command-line/common-options';
import { integer } from '../command-line/option';
import { sourceOf, sourceOptions, type Source } from '../command-line/target-options';
import { hotFunctions, type HotFunction } from '../hot-functions';
import { figuresOf, tellMissingRows, watchedText } from '../instrument-text';
import { printJson, printLines } from '../output';
import { part } from '../report-text';
import { withSamples } from '../samples';
import { tableLines } from '../table';

const series = stackSeries.offcpu;
const query = { ...sinceStart, measure: series.name };
/** All blocked time, counted exactly, also where only some of it has a stack. */
const REASONS = 'offcpu.reasons';

/** The innermost frames are always the kernel's: for people, blocked time is that of the Lua code. */
const inLua = { ...query, hiddenKinds: (1 << FrameKind.Kernel) | (1 << FrameKind.Native) };
const ROWS_SHOWN = 50;

type Request = Source & { readonly rows: number | undefined };

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
      default: undefined,
      otherwise: '50 in the table, all in JSON',
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
  await withSamples(request, terminal, watching, async ({ sampling, host, fromMs, toMs }) => {
    const figures = figuresOf(sampling, series.instrument);
    const { store, title } = sampling;
    const blocked = blockedIn(store, figures);
    if (request.json) {
      const { rows } = await hotFunctions(store, query, request.rows ?? Infinity);
      printJson({ fromMs, toMs, ...forMachines(blocked, rows) }, 2);
    } else {
      const rows = await shownRows(store, request.rows ?? ROWS_SHOWN);
      printLines(lines(blocked, rows, figures, `${title} on ${host}`));
    }
    tellMissingRows(sampling, series, terminal.messages);
  });
}

export interface Blocked {
  /** Of all workers, in so many events. */
  readonly timeUs: number;
  readonly events: number;
  /** Events that are in no function. */
  readonly lost: number;
  readonly reasons: readonly Reason[];
}

interface Reason {
  readonly name: string;
  readonly events: number;
  readonly timeUs: number;
}

export function blockedIn(store: ProfileStore, { lostEvents }: WatchFigures): Blocked {
  const reasons = (store.table(REASONS)?.rows(sinceStart, ['reason']) ?? []).map(
    ({ keys, count, sum }) => ({ name: String(keys[0]), events: count, timeUs: sum }),
  );
  return {
    timeUs: reasons.reduce((sum, { timeUs }) => sum + timeUs, 0),
    events: reasons.reduce((sum, { events }) => sum + events, 0),
    lost: lostEvents,
    reasons,
  };
}

/** Lua functions, or where there are none all. */
export async function shownRows(store: ProfileStore, most: number): Promise<HotFunction[]> {
  const { rows } = await hotFunctions(store, inLua, most);
  return rows.length > 0 ? rows : (await hotFunctions(store, query, most)).rows;
}

export function forMachines(
  { timeUs, events, lost, reasons }: Blocked,
  rows: readonly HotFunction[],
) {
  return {
    timeSeconds: timeUs / 1e6,
    events,
    lost,
    functions: rows.map(({ name, file, line, self, total }) => ({ name, file, line, self, total })),
    reasons: reasons.map((each) => ({ name: each.name, share: part(each.timeUs, timeUs) })),
  };
}

export function lines(
  { timeUs, events, lost, reasons }: Blocked,
  rows: readonly HotFunction[],
  figures: WatchFigures,
  title: string,
): string[] {
  const time = amountText(series.quantity, timeUs);
  const cells = reasons.map((each) => [
    visible(each.name, 60),
    '',
    (100 * part(each.timeUs, timeUs)).toFixed(1),
    amountText(series.quantity, each.timeUs),
    String(each.events),
    '',
  ]);
  return [
    `${visible(title, 200)}: blocked for ${time} ${watchedText(figures)}, ${events} times, ` +
      `${lost} lost`,
    ...tableLines(rows, 200),
    '',
    ...alignColumns([['reason', '', 'share %', 'time', 'times', ''], ...cells]),
  ];
}
