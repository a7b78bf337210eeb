/** The topic `latency`: how long requests took, by what they were for, and over time. */

import type { RequestKind } from '../profile/request-tables';

/** Keys of the probe's table of requests; see extension/analysis/latency.ts. */
export const LATENCY_KEYS = [
  'uri',
  'route',
  'host',
  'method',
  'status',
  'phase',
  'upstream',
] as const;
export type LatencyKey = (typeof LATENCY_KEYS)[number];

/** A row of a table of requests. */
export interface LatencyRowName {
  readonly by: LatencyKey;
  /** As {@link LatencyRow.key} has it. */
  readonly key: string;
}

export interface LatencyOptions {
  /** Requests of clients, or what they asked of their own server. */
  readonly of: RequestKind;
  readonly by: LatencyKey;
  /** Only requests of this row are looked at, here and in no other view; null: all. */
  readonly only: LatencyRowName | null;
}

/** Percentiles in microseconds. */
export interface LatencyFigures {
  count: number;
  sumUs: number;
  p50Us: number;
  p90Us: number;
  p99Us: number;
  p999Us: number;
  maxUs: number;
  /** Of the sum, what the access log does not see. */
  hiddenUs: number;
  /** Of the sum, waiting for upstreams. */
  upstreamUs: number;
  bytesIn: number;
  bytesOut: number;
}

export interface LatencyRow extends LatencyFigures {
  /** Finds the row again. */
  key: string;
  /** The same as it is shown. */
  name: string;
}

/** How latencies lie over time. */
export interface LatencyHeat {
  /** Where each column begins, in microseconds since the capture began; all are of one length. */
  timesUs: number[];
  columnUs: number;
  /** Edges of the rows in microseconds of latency, ascending: one more than there are rows. */
  edgesUs: number[];
  /** By column, requests in each row; empty: none in this column. */
  counts: number[][];
  /** By column; null: no requests. */
  p50Us: (number | null)[];
  p90Us: (number | null)[];
  p99Us: (number | null)[];
  p999Us: (number | null)[];
  maxUs: (number | null)[];
}

export interface LatencyMessage {
  type: 'latency';
  of: RequestKind;
  /** Subrequests of the same time and rows; each lies within the time of its request. */
  subrequests: number;
  by: LatencyKey;
  only: LatencyRowName | null;
  /** The time that rows and `all` are of; microseconds since the capture began. */
  fromUs: number;
  toUs: number;
  /** The moment when the capture began; 0: not known. */
  startUnixMs: number;
  /** The chosen window of time; null: none is chosen, and all of the heat map is summed up. */
  range: readonly [fromUs: number, toUs: number] | null;
  /** Most time first. */
  rows: LatencyRow[];
  /** Rows that are not among them, with less time. */
  left: number;
  all: LatencyFigures;
  heat: LatencyHeat;
  /** Requests that ended while they were watched, and are in no row. */
  lost: number;
  /** Part of the time in which requests were watched, 0 to 1; null: they were not watched yet. */
  watched: number | null;
  /** Times in which they were not, microseconds since the capture began. */
  unwatched: (readonly [fromUs: number, toUs: number])[];
  /** Seconds that each worker was watched, so that counts become rates. */
  watchedSeconds: number;
  /** They are being watched. */
  on: boolean;
  /** Why they cannot be watched, and what would change that; '' where they can. */
  missing: string;
}
