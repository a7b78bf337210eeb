/**
 * The rows that a batch adds to series, one shape after another. Columns of rows have one length.
 */

export type Shape = 'stacks' | 'tables' | 'points';

export interface SeriesKey {
  readonly name: string;
  /** It is a number itself; else a text. */
  readonly number: boolean;
}

/** A series as its instrument declares it, before the first row. */
export interface SeriesInfo {
  readonly name: string;
  readonly instrument: string;
  readonly shape: Shape;
  /** Of values: "us", "bytes", "count". */
  readonly unit: string;
  /** Values stand for more than what was seen. */
  readonly estimated: boolean;
  /** Tables: their keys. Points: their numbers. Stacks: none. */
  readonly keys: readonly SeriesKey[];
}

/** Rows by stack, of the series of this name. */
export interface StackRows {
  readonly series: string;
  /** Stack id of the leaf; 0: no frame was found. */
  readonly stacks: Uint32Array;
  readonly pids: Uint32Array;
  readonly labels: Uint32Array;
  /** Empty where no row has one. */
  readonly requests: Uint32Array;
  /** Stacks that were taken. */
  readonly counts: Uint32Array;
  /** The value of a row: this for each of its counts, or one for each row. Whole numbers. */
  readonly values: number | Float64Array;
}

export type KeyValue = string | number;

/** Rows added to a table. */
export interface TableRows {
  readonly series: string;
  readonly pids: Uint32Array;
  /** As many for each row as the series has keys, row after row. */
  readonly keys: readonly KeyValue[];
  readonly counts: Float64Array;
  readonly sums: Float64Array;
  readonly least: Float64Array;
  readonly most: Float64Array;
  /** How many buckets each row has; empty where the series keeps none. See histogram.ts. */
  readonly bucketRows: Uint32Array;
  /** Buckets of all rows, ascending in each, and what they hold. */
  readonly buckets: Uint32Array;
  readonly bucketCounts: Float64Array;
}

/** Numbers at a time. */
export interface PointRows {
  readonly series: string;
  readonly pids: Uint32Array;
  /** As {@link ProfileBatch.timeUs}. */
  readonly timesUs: Float64Array;
  /** As many for each point as the series has keys. */
  readonly numbers: Float64Array;
  /** Empty where no point has one; '': this one has none. */
  readonly texts: readonly string[];
  /** Empty where no point has one; 0: this one has none. */
  readonly stacks: Uint32Array;
}
