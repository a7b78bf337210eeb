/** Exceptions, responses and log lines, by line, as the page gets them. */
import {
  exceptionsIn,
  logLinesIn,
  ratesOf,
  responsesIn,
  TAIL_CALL,
  type WrongLine,
} from '../../analysis/errors';
import type { Capture } from '../../capture/capture';
import { visible, type AllVisible } from '../../common/outside';
import type { ErrorsMessage, WrongRow } from '../../page/messages';
import { FrameKind } from '../../profile/frames';
import { fileText } from '../../profile/names';
import type { TableQuery } from '../../profile/tables';
import type { Chunks } from './chunks';

const INSTRUMENT = 'errors';
const LONGEST = 256;
/** More rows than anybody reads. */
const MOST_ROWS = 200;

/** @param chunks gets those that the page may open. */
export function errorsMessage(capture: Capture, chunks: Chunks): AllVisible<ErrorsMessage> {
  const { store } = capture;
  const query = capture.query();
  const untilUs = Math.min(query.toUs, store.timeUs + 1);
  let left = 0;

  function rowsOf<R extends WrongLine>(
    read: (query: TableQuery) => R[],
    keyOf: (row: R) => string,
  ) {
    const rows = read(query);
    const key = (row: R) => JSON.stringify([keyOf(row), row.file, row.line, row.from]);
    const rates = ratesOf(read, key, query, untilUs, partOf);
    left += Math.max(0, rows.length - MOST_ROWS);
    return rows
      .slice(0, MOST_ROWS)
      .map((row) => [row, common(row, rates.get(key(row)) ?? [])] as const);
  }

  function partOf(column: TableQuery): number {
    const { watchedUs, elapsedUs } = capture.watched(INSTRUMENT, { ...query, ...column });
    return elapsedUs > 0 ? Math.min(1, watchedUs / elapsedUs) : 1;
  }

  function common({ file, line, from, count }: WrongLine, rate: number[]): AllVisible<WrongRow> {
    return {
      file: visible(fileText(file, FrameKind.Lua), LONGEST),
      line,
      chunk: file === '' || file === TAIL_CALL ? -1 : chunks.idOf(file),
      from: from === null ? visible('') : placeOf(from.file, from.line),
      count,
      rate,
    };
  }

  const exceptions = rowsOf(
    (each) => exceptionsIn(store, each),
    ({ message, caught }) => `${caught} ${message}`,
  );
  const responses = rowsOf(
    (each) => responsesIn(store, each),
    ({ status }) => `${status}`,
  );
  const log = rowsOf(
    (each) => logLinesIn(store, each),
    ({ level, text }) => `${level} ${text}`,
  );
  const { on, missing } = capture.instrument(INSTRUMENT);
  const figures = capture.watched(INSTRUMENT, query);
  return {
    type: 'errors',
    exceptions: exceptions.map(([{ message, caught }, row]) => ({
      ...row,
      message: visible(message, LONGEST),
      caught,
    })),
    responses: responses.map(([{ status }, row]) => ({ ...row, status })),
    log: log.map(([{ level, text }, row]) => ({
      ...row,
      level: visible(level, 20),
      text: visible(text, LONGEST),
    })),
    left,
    lost: figures.lostEvents,
    watchedMs: figures.watchedUs / 1000,
    elapsedMs: figures.elapsedUs / 1000,
    on,
    missing: visible(missing, 600),
  };
}

function placeOf(file: string, line: number) {
  const short = fileText(file, FrameKind.Lua).split('/').slice(-2).join('/');
  return visible(line > 0 ? `${short}:${line}` : short, LONGEST);
}
