/** Exceptions, responses that Lua ended a request with, and lines of the error log, by line. */
import type { KeyValue } from '../profile/rows';
import type { TableLog, TableQuery } from '../profile/tables';

/** Tables of the profile by name; see native/probe/instruments/errors. */
export interface ErrorSeries {
  table(name: string): TableLog | undefined;
}

/** A line of Lua, as the probe names its file; '' and 0: there is none. */
export interface ErrorLine {
  readonly file: string;
  readonly line: number;
}

export interface WrongLine extends ErrorLine {
  /** The innermost line of another file that led here: who called a library that many call. */
  readonly from: ErrorLine | null;
  readonly count: number;
}

export interface ThrownLine extends WrongLine {
  readonly message: string;
  /** null: it cannot be told. */
  readonly caught: boolean | null;
}

export interface ResponseLine extends WrongLine {
  /** 0: the connection was closed without a response; null: it cannot be told. */
  readonly status: number | null;
}

export interface LogLine extends WrongLine {
  readonly level: string;
  /** The format of nginx's own lines; '' for those of Lua. */
  readonly text: string;
}

/** No line of Lua is left of a caller that returned what it called: `return ngx.exit(403)`. */
export const TAIL_CALL = '=[tail call]';

const PLACES = [
  ['file', 'line'],
  ['from_file', 'from_line'],
  ['origin_file', 'origin_line'],
] as const;
const CAUGHT = [null, false, true] as const;
const UNKNOWN = 0;
/** NGX_ERROR. */
const CLOSED = 0xffffffff;

/** ngx.exit and others of resty.core, through which all call that they stand for. */
function isWrapper(file: string): boolean {
  return /(?:^@?|\/)resty\/core\/[^/]+\.lua$/.test(file);
}

/** Most frequent first. */
export function exceptionsIn(series: ErrorSeries, query: TableQuery): ThrownLine[] {
  return linesOf(series, 'errors.exceptions', query, ['message', 'caught'], false).map(
    ({ first: [message, caught], ...at }) => ({
      message: String(message),
      ...at,
      caught: CAUGHT[Number(caught)] ?? null,
    }),
  );
}

/** Likewise. */
export function responsesIn(series: ErrorSeries, query: TableQuery): ResponseLine[] {
  return linesOf(series, 'errors.responses', query, ['status'], true).map(
    ({ first: [status], ...at }) => ({
      status: status === UNKNOWN ? null : status === CLOSED ? 0 : Number(status),
      ...at,
    }),
  );
}

/** Likewise. */
export function logLinesIn(series: ErrorSeries, query: TableQuery): LogLine[] {
  return linesOf(series, 'errors.log', query, ['level', 'text'], true).map(
    ({ first: [level, text], ...at }) => ({ level: String(level), ...at, text: String(text) }),
  );
}

type Row = WrongLine & { readonly first: readonly KeyValue[] };

/** @param unwrapped without the lines of wrappers. */
function linesOf(
  series: ErrorSeries,
  name: string,
  query: TableQuery,
  first: readonly string[],
  unwrapped: boolean,
): Row[] {
  const rows = series.table(name)?.rows(query, [...first, ...PLACES.flat()]) ?? [];
  const sums = new Map<string, Row>();
  for (const { keys, count } of rows) {
    const lines = placesOf(keys.slice(first.length), unwrapped);
    const [{ file, line } = { file: '', line: 0 }, from = null] = lines;
    const own = keys.slice(0, first.length);
    const id = JSON.stringify([own, file, line, from]);
    sums.set(id, { first: own, file, line, from, count: count + (sums.get(id)?.count ?? 0) });
  }
  return [...sums.values()].sort((one, other) => other.count - one.count);
}

function placesOf(keys: readonly KeyValue[], unwrapped: boolean): ErrorLine[] {
  const all = PLACES.map((_, i) => ({ file: String(keys[2 * i]), line: Number(keys[2 * i + 1]) }));
  const known = all.filter(({ file }) => file !== '');
  if (!unwrapped || known.length === 0) return known;
  const left = known.slice(known.findIndex(({ file }) => !isWrapper(file)));
  return known.every(({ file }) => isWrapper(file)) ? [{ file: TAIL_CALL, line: 0 }] : left;
}

/**
 * How many a second, in each of the last stretches of time, oldest first.
 * @param partOf the part of such a stretch that was watched: where it is less, rates are estimates.
 */
export function ratesOf<R extends WrongLine>(
  read: (query: TableQuery) => R[],
  keyOf: (row: R) => string,
  query: TableQuery,
  untilUs: number,
  partOf: (query: TableQuery) => number = () => 1,
): Map<string, number[]> {
  const rates = new Map<string, number[]>();
  for (let i = 0; i < RATE_COLUMNS; i++) {
    const toUs = untilUs - (RATE_COLUMNS - 1 - i) * RATE_COLUMN_US;
    const column = { ...query, fromUs: toUs - RATE_COLUMN_US, toUs };
    const seconds = (RATE_COLUMN_US / 1e6) * partOf(column);
    if (toUs <= 0 || seconds <= 0) continue;
    for (const row of read(column)) {
      const own = rates.get(keyOf(row)) ?? new Array<number>(RATE_COLUMNS).fill(0);
      own[i] = row.count / seconds;
      rates.set(keyOf(row), own);
    }
  }
  return rates;
}

/** A minute. */
const RATE_COLUMNS = 12;
const RATE_COLUMN_US = 5e6;
