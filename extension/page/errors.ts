/** The topic `errors`: what goes wrong, by the line where it does. */
import type { JitPlace } from './jit';

export interface WrongRow extends JitPlace {
  /** The nearest line of another file that led there: "handler.lua:31"; '': there is none. */
  from: string;
  count: number;
  /**
   * How many a second, in each of the last stretches of five seconds; oldest first. An estimate where
   * only bursts are watched.
   */
  rate: number[];
}

export interface ExceptionRow extends WrongRow {
  message: string;
  /** null: it cannot be told. */
  caught: boolean | null;
}

export interface ResponseRow extends WrongRow {
  /** 0: the connection was closed without a response; null: it cannot be told. */
  status: number | null;
}

export interface LogRow extends WrongRow {
  level: string;
  /** The format of nginx's own lines; '' for those of Lua. */
  text: string;
}

export interface ErrorsMessage {
  type: 'errors';
  /** Most frequent first, as in all of them. */
  exceptions: ExceptionRow[];
  responses: ResponseRow[];
  log: LogRow[];
  /** Rows that are not among these. */
  left: number;
  /** Of all events, those that are in no row. */
  lost: number;
  /** Of the time since the watch began, summed over workers: less where only bursts are watched. */
  watchedMs: number;
  elapsedMs: number;
  on: boolean;
  /** Why not all is known, and what would change that; '' where all is. */
  missing: string;
}
