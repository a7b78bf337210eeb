/** Iterations of the event loop, and what held up the long ones: as tables or for machines. */
import {
  type Culprit,
  type IterationFigures,
  iterationsOf,
  type LoopWorker,
  loopWorkers,
  type Stall,
  STALL_US,
  stallsOf,
} from '../../analysis/loop';
import type { WatchFigures } from '../../capture/watch-log';
import { visible } from '../../common/outside';
import { sinceStart, type ProfileStore } from '../../profile/store';
import { alignColumns } from '../columns';
import { defineCommand, type Terminal } from '../command-line/command';
import { json } from '../command-line/common-options';
import { integer } from '../command-line/option';
import { sourceOf, sourceOptions, type Source } from '../command-line/target-options';
import { figuresOf, isPartial, tellMissing, watchedText } from '../instrument-text';
import { printJson, printLines } from '../output';
import { withSamples } from '../samples';

const INSTRUMENT = 'loop';
const ROWS_SHOWN = 50;
/** Functions of a stall that people see. */
const CULPRITS_SHOWN = 3;

type Request = Source & { readonly rows: number | undefined };

export const loop = defineCommand({
  name: 'loop',
  summary: 'how long iterations of the event loop take, and what stalls it',
  usage: ['[user@host] --pid P|--master P [options]', '--from x.acupoint [options]'],
  about: [
    'Shows how long iterations of the event loop take: from the end of a wait for events to the next ' +
      `wait. One that takes ${STALL_US / 1000} ms or more is a stall, in which all other requests of the ` +
      'worker wait; it is listed with the functions that ran or were blocked in it.',
  ],
  options: {
    ...sourceOptions,
    rows: integer({
      flag: 'rows',
      value: 'N',
      range: [1, 100_000],
      default: undefined,
      otherwise: 'the 50 longest in the table, all in JSON',
      help: 'most stalls in the table or JSON object',
    }),
    json: json(
      'one JSON object on stdout when done',
      '{"fromMs","toMs","iterations":{"count","p50Ms","p99Ms","maxMs"},"estimated","lost",' +
        '"stalls":[{"timeMs","lengthMs","exact","pid","functions":[{"name","file","line","share"}]}],' +
        '"workers":[{"pid","idle","queued"}]}',
      'fromMs, toMs and timeMs are Unix milliseconds. estimated: iterations were counted in bursts only. ' +
        'A stall that is not exact was longer, if anything. share is of its length, by the innermost ' +
        'Lua function, or native function where no Lua ran, at the line that took most. idle and ' +
        "queued are parts of a worker's time: it waited for events, or for a CPU.",
    ),
  },
  read: (values, common): Request => ({ ...sourceOf(values, common), rows: values.rows }),
  run,
});

/** Shows what was seen, whatever ended it. */
async function run(request: Request, terminal: Terminal): Promise<void> {
  const watching = { instruments: [INSTRUMENT] };
  await withSamples(request, terminal, watching, async ({ sampling, host, fromMs, toMs }) => {
    const figures = figuresOf(sampling, INSTRUMENT);
    const seen = loopIn(sampling.store);
    const most = request.rows ?? (request.json ? Infinity : ROWS_SHOWN);
    if (request.json) printJson({ fromMs, toMs, ...forMachines(seen, figures, most) }, 2);
    else printLines(lines(seen, figures, `${sampling.title} on ${host}`, most));
    const none = seen.iterations.count === 0 && seen.stalls.length === 0;
    const nothing = 'No iteration of an event loop ended while it was watched.';
    tellMissing(sampling, INSTRUMENT, none, nothing, terminal.messages);
  });
}

export interface LoopSeen {
  readonly iterations: IterationFigures;
  /** Oldest first. */
  readonly stalls: readonly Stall[];
  readonly workers: readonly LoopWorker[];
  /** Unix milliseconds of time 0. */
  readonly startMs: number;
}

export function loopIn(store: ProfileStore): LoopSeen {
  return {
    iterations: iterationsOf(store, sinceStart),
    stalls: stallsOf(store, sinceStart),
    workers: loopWorkers(store, sinceStart),
    startMs: store.startUnixMs ?? 0,
  };
}

/** The longest so many, oldest first. */
function longest(stalls: readonly Stall[], most: number): Stall[] {
  const byLength = [...stalls].sort((one, other) => other.lengthUs - one.lengthUs);
  return byLength.slice(0, most).sort((one, other) => one.timeUs - other.timeUs);
}

export function forMachines(
  { iterations, stalls, workers, startMs }: LoopSeen,
  figures: WatchFigures,
  most: number,
) {
  const { count, p50Us, p99Us, maxUs } = iterations;
  return {
    iterations: { count, p50Ms: p50Us / 1000, p99Ms: p99Us / 1000, maxMs: maxUs / 1000 },
    estimated: isPartial(figures),
    lost: figures.lostEvents,
    stalls: longest(stalls, most).map(({ timeUs, lengthUs, exact, pid, functions }) => ({
      timeMs: startMs + timeUs / 1000,
      lengthMs: lengthUs / 1000,
      exact,
      pid,
      functions: functions.map(({ name, file, line, share }) => ({ name, file, line, share })),
    })),
    workers,
  };
}

export function lines(
  { iterations, stalls, workers, startMs }: LoopSeen,
  figures: WatchFigures,
  title: string,
  most: number,
): string[] {
  const seen = isPartial(figures) ? 'counted in bursts' : 'counted';
  const { count, p50Us, p99Us, p999Us, maxUs } = iterations;
  const shown = longest(stalls, most);
  const left = stalls.length - shown.length;
  return [
    `${visible(title, 200)}: ${count} iterations ${seen} ${watchedText(figures)}, ` +
      `${figures.lostEvents} lost`,
    `an iteration takes ${ms(p50Us)} (p50), ${ms(p99Us)} (p99), ${ms(p999Us)} (p99.9), ` +
      `${ms(maxUs)} at most`,
    '',
    ...(stalls.length === 0
      ? [`No iteration took ${STALL_US / 1000} ms or more.`]
      : alignColumns([
          ['stall at', '', 'length', 'worker', '', 'share %  function'],
          ...shown.flatMap((stall) => stallCells(stall, startMs)),
        ])),
    ...(left > 0 ? [`${left} shorter stalls are left out; --rows takes more.`] : []),
    '',
    ...alignColumns([
      ['worker', '', 'idle %', 'without CPU %', ''],
      ...workers.map(({ pid, idle, queued }) => [
        String(pid),
        '',
        (100 * idle).toFixed(1),
        (100 * queued).toFixed(1),
        '',
      ]),
    ]),
  ];
}

function stallCells({ pid, timeUs, lengthUs, exact, functions }: Stall, startMs: number) {
  const time = new Date(startMs + timeUs / 1000).toISOString().slice(11, 23);
  return functions.slice(0, CULPRITS_SHOWN).map((culprit, nth) => {
    const of = `${(100 * culprit.share).toFixed(1).padStart(7)}  ${culpritText(culprit)}`;
    if (nth > 0) return ['', '', '', '', '', of];
    return [time, '', `${exact ? '' : '>= '}${ms(lengthUs)}`, String(pid), '', of];
  });
}

function culpritText({ name, file, line }: Culprit): string {
  const place = line > 0 ? `${file}:${line}` : file;
  return visible(place === '' || place === name ? name : `${name}  ${place}`, 200);
}

function ms(microseconds: number): string {
  const value = microseconds / 1000;
  return `${value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(3)} ms`;
}
