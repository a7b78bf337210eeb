/** Exceptions, responses and log lines of workers, by line: as tables or for machines. */
import {
  type ErrorLine,
  exceptionsIn,
  logLinesIn,
  responsesIn,
  type WrongLine,
} from '../../analysis/errors';
import type { WatchFigures } from '../../capture/watch-log';
import { visible } from '../../common/outside';
import { FrameKind } from '../../profile/frames';
import { fileText } from '../../profile/names';
import { sinceStart, type ProfileStore } from '../../profile/store';
import { alignColumns } from '../columns';
import { defineCommand, type Terminal } from '../command-line/command';
import { json } from '../command-line/common-options';
import { integer } from '../command-line/option';
import { sourceOf, sourceOptions, type Source } from '../command-line/target-options';
import { figuresOf, isPartial, tellMissing, watchedText } from '../instrument-text';
import { printJson, printLines } from '../output';
import { withSamples } from '../samples';

const INSTRUMENT = 'errors';

type Request = Source & { readonly rows: number };

export const errors = defineCommand({
  name: 'errors',
  summary: 'exceptions, responses that Lua ended, lines of the error log: by line',
  usage: ['[user@host] --pid P|--master P [options]', '--from x.acupoint [options]'],
  about: [
    'Shows each error that Lua code threw, caught or not, with its message and its line; which line ' +
      'ended a request with which status; and who wrote to the error log. Each is counted where the ' +
      'budget allows it; else bursts of them are. Of a message the first line is shown; addresses ' +
      'and numbers of five digits or more stand as #.',
  ],
  options: {
    ...sourceOptions,
    rows: integer({
      flag: 'rows',
      value: 'N',
      range: [1, 100_000],
      default: 1000,
      help: 'most rows of each table',
      more: 'the most frequent ones are kept',
    }),
    json: json(
      'one JSON object on stdout when done',
      '{"fromMs","toMs","exceptions":[{"message","file","line","count","caught","from"}],' +
        '"responses":[{"status","file","line","count","from"}],"log":[{"level","file","line",' +
        '"count","text","from"}],"lost","estimated"}',
      'fromMs and toMs are when it began and ended to watch, in Unix milliseconds. caught and status are null ' +
        'where it cannot be told, a status 0 is a connection that was closed without a response. ' +
        'from is the nearest line of another file that led there: {"file","line"} or null. text is ' +
        "the format of nginx's own lines. lost ones are in no row; estimated: only bursts were watched.",
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
    const wrongs = wrongsOf(sampling.store, figures, request.rows);
    if (request.json) printJson({ fromMs, toMs, ...wrongs }, 2);
    else printLines(lines(wrongs, figures, `${sampling.title} on ${host}`));
    const nothing = 'Nothing was thrown, logged or ended by Lua while the workers were watched.';
    const { exceptions, responses, log } = wrongs;
    const none = exceptions.length + responses.length + log.length === 0;
    tellMissing(sampling, INSTRUMENT, none, nothing, terminal.messages);
  });
}

/**
 * Places as `acupoint top` has them.
 * @param most rows of each table.
 */
export function wrongsOf(store: ProfileStore, figures: WatchFigures, most: number) {
  const named = <T extends WrongLine>(row: T): T => ({
    ...row,
    file: fileText(row.file, FrameKind.Lua),
    from: row.from && { ...row.from, file: fileText(row.from.file, FrameKind.Lua) },
  });
  return {
    exceptions: exceptionsIn(store, sinceStart).slice(0, most).map(named),
    responses: responsesIn(store, sinceStart).slice(0, most).map(named),
    log: logLinesIn(store, sinceStart).slice(0, most).map(named),
    lost: figures.lostEvents,
    estimated: isPartial(figures),
  };
}

export type Wrongs = ReturnType<typeof wrongsOf>;

export function lines(wrongs: Wrongs, figures: WatchFigures, title: string): string[] {
  const { exceptions, responses, log, lost, estimated } = wrongs;
  const seen = estimated ? 'seen in bursts' : 'counted';
  return [
    `${visible(title, 200)}: ${seen} ${watchedText(figures)}, ${lost} lost`,
    '',
    ...table(
      ['exception', 'at', 'times', 'caught', 'from'],
      exceptions.map((row) => [
        visible(row.message, 100),
        ...placed(row, row.caught === null ? 'unknown' : row.caught ? 'yes' : 'no'),
      ]),
      'No exception was thrown.',
    ),
    '',
    ...table(
      ['status', 'ended at', 'times', '', 'from'],
      responses.map((row) => [statusText(row.status), ...placed(row, '')]),
      'No request was ended by Lua.',
    ),
    '',
    ...table(
      ['log', 'written at', 'lines', '', 'from'],
      log.map((row) => [visible(row.level, 20), ...placed(row, '', row.text)]),
      'Nothing was written to the error log.',
    ),
  ];
}

function table(head: string[], rows: string[][], nothing: string): string[] {
  return rows.length === 0 ? [nothing] : alignColumns([head, ...rows]);
}

/** The cells behind the first one. */
function placed(row: WrongLine, more: string, text = ''): string[] {
  const at = lineText(row);
  return [
    at === '' ? visible(text, 100) : at,
    String(row.count),
    more,
    row.from === null ? '' : lineText(row.from),
  ];
}

function lineText({ file, line }: ErrorLine): string {
  return visible(line > 0 ? `${file}:${line}` : file, 200);
}

export function statusText(status: number | null): string {
  if (status === null) return 'unknown';
  return status === 0 ? 'closed' : String(status);
}
