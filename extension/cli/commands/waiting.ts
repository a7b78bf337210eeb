/** Where requests spend their time, by the Lua code that waits: as tables or for machines. */
import { type WaitingFunction, type Waits, waitsIn } from '../../analysis/waits';
import { handlerName } from '../../analysis/handler-name';
import type { WatchFigures } from '../../capture/watch-log';
import { visible } from '../../common/outside';
import { displayName, fileText, placeText } from '../../profile/names';
import { amountText, stackSeries } from '../../profile/series';
import { sinceStart, type ProfileStore } from '../../profile/store';
import { alignColumns } from '../columns';
import { defineCommand, type Terminal } from '../command-line/command';
import { json } from '../command-line/common-options';
import { integer } from '../command-line/option';
import { sourceOf, sourceOptions, type Source } from '../command-line/target-options';
import { figuresOf, tellMissingRows, watchedText } from '../instrument-text';
import { printJson, printLines } from '../output';
import { part } from '../report-text';
import { withSamples } from '../samples';

const series = stackSeries.waiting;
const query = { ...sinceStart, measure: series.name };
const ROWS_SHOWN = 50;
/** Kinds of what is waited for that a row of the table names. */
const NAMED = 2;

type Request = Source & { readonly rows: number | undefined };

export const waiting = defineCommand({
  name: 'waiting',
  summary: 'where requests wait, by Lua line, and what for',
  usage: ['[user@host] --pid P|--master P [options]', '--from x.acupoint [options]'],
  about: [
    'Looks at all requests in flight some twenty times a second, and at the Lua stack of each of their ' +
      'coroutines that waits: for a peer, a lock, DNS, a child, an upstream, the client. The time of ' +
      'a request is divided among those that wait at once, so that all rows together are the ' +
      'time of all requests. Nothing is trapped and nothing stopped.',
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
      '{"fromMs","toMs","requestSeconds","functions":[{"name","file","line","self","total",' +
        '"waitsFor","waits":[{"for","share"}],"lines":[{"line","self"}]}],' +
        '"waits":[{"for","share"}]}',
      'fromMs and toMs are when it began and ended to watch, in Unix milliseconds; requestSeconds is the time ' +
        'of all requests in flight. self, total and share are fractions of it: self of the innermost ' +
        'Lua function, whose lines are those that wait. waitsFor is what that function waits for ' +
        "most; a row with the name '' is of requests in which no Lua waits.",
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
    const waits = await waitsIn(store, query);
    if (request.json) {
      const most = request.rows ?? Infinity;
      printJson({ fromMs, toMs, ...forMachines(store, waits, most) }, 2);
    } else {
      const most = request.rows ?? ROWS_SHOWN;
      printLines(lines(store, waits, most, figures, `${title} on ${host}`));
    }
    tellMissingRows(sampling, series, terminal.messages);
  });
}

function placed(store: ProfileStore, { function: id, kind }: WaitingFunction) {
  const info = store.functionInfo(id);
  if (info === undefined) return { name: '', file: '', line: 0, place: '' };
  return {
    name: displayName({ ...info, name: handlerName(info) }, kind),
    file: fileText(info.file, kind),
    line: info.line,
    place: placeText(info, kind),
  };
}

export function forMachines(store: ProfileStore, waits: Waits, most: number) {
  const { weight, waitsFor } = waits;
  const shares = (of: WaitingFunction['waitsFor']) =>
    of.map(([text, time]) => ({ for: text, share: part(time, weight) }));
  return {
    requestSeconds: weight / 1e6,
    functions: waits.functions.slice(0, most).map((each) => {
      const { name, file, line } = placed(store, each);
      return {
        name,
        file,
        line,
        self: part(each.self, weight),
        total: part(each.total, weight),
        waitsFor: each.waitsFor[0]?.[0] ?? '',
        waits: shares(each.waitsFor),
        lines: each.lines.map(([at, time]) => ({ line: at, self: part(time, weight) })),
      };
    }),
    waits: shares(waitsFor),
  };
}

export function lines(
  store: ProfileStore,
  waits: Waits,
  most: number,
  figures: WatchFigures,
  title: string,
): string[] {
  const { weight, functions, waitsFor } = waits;
  const percent = (time: number) => (100 * part(time, weight)).toFixed(1);
  const time = amountText(series.quantity, weight);
  const rows = functions.slice(0, most).map((each) => {
    const { name, place } = placed(store, each);
    const [line] = each.lines[0] ?? [0];
    return [
      visible(name === '' ? '(no Lua waits)' : name, 60),
      visible(line > 0 ? place.replace(/:\d+$/, `:${line}`) : place, 60),
      percent(each.self),
      percent(each.total),
      visible(
        each.waitsFor
          .slice(0, NAMED)
          .map(([text]) => text)
          .join('; '),
        80,
      ),
    ];
  });
  const sums = waitsFor.map(([text, of]) => [
    visible(text, 80),
    '',
    percent(of),
    amountText(series.quantity, of),
    '',
  ]);
  return [
    `${visible(title, 200)}: ${time} of requests ${watchedText(figures)}`,
    ...alignColumns([['function', 'waits at', 'self %', 'total %', 'for'], ...rows]),
    '',
    ...alignColumns([['waits for', '', 'share %', 'time', ''], ...sums]),
  ];
}
