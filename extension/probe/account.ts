/**
 * The memory that one capture takes here for what the wire has sent it. Each kind of entry is small
 * and has a cap of its own; this bounds what all of them come to, whichever a host sends most of.
 */
import { ProbeError } from './error';

/** Most of it, in bytes. docs/decisions/08 says how long a capture that is. */
export const MOST_BYTES = 512 * 1024 * 1024;

/**
 * Bytes that an entry leaves behind in the dictionary, the store, its engine and the index of owners,
 * arrays that were doubled for it and one call tree of it included. Measured by `npm run
 * bench:account`, in the worse of the two engines, and rounded up.
 */
export const bytesOf = {
  /** A string's head and its place in the list; two bytes for each of its characters come on top. */
  string: 160,
  char: 2,
  function: 400,
  frame: 440,
  stack: 80,
  labels: 340,
  request: 200,
  /** A row by stack; one with a value of its own. */
  row: 48,
  valuedRow: 64,
  /** An interval of rows; how an instrument was in it. */
  batch: 64,
  instrument: 300,
  series: 400,
  /** A row of a table in ten seconds, and each of its buckets. */
  tableRow: 600,
  tableBucket: 32,
  point: 250,
  /** Modules of a VM, and the name of each. */
  modules: 400,
  module: 24,
  /** A worker that was seen in rows. */
  pid: 300,
} as const;

type Entry = keyof typeof bytesOf;

export class Account {
  private dictionaries = 0;
  private rows = 0;
  private readonly latest = new Map<string, number>();

  constructor(private readonly mostBytes = MOST_BYTES) {}

  get bytes(): number {
    return this.dictionaries + this.rows;
  }

  /** For entries that stay as long as the capture. Throws ProbeError 'full'. */
  keep(entry: Entry, count: number): void {
    this.dictionaries += bytesOf[entry] * count;
    this.check();
  }

  /** For what goes when the user forgets the samples. Throws ProbeError 'full'. */
  keepRows(entry: Entry, count: number): void {
    this.rows += bytesOf[entry] * count;
    this.check();
  }

  /** For rows of which `most` are kept at a time: those of `what`. Throws ProbeError 'full'. */
  keepLatest(entry: Entry, what: string, count: number, most: number): void {
    const before = this.latest.get(what) ?? 0;
    const now = Math.min(most, before + count);
    this.latest.set(what, now);
    this.keepRows(entry, now - before);
  }

  /** The samples so far were forgotten. */
  forgetRows(): void {
    this.rows = 0;
    this.latest.clear();
  }

  private check(): void {
    if (this.bytes > this.mostBytes) throw full(this.mostBytes);
  }
}

function full(mostBytes: number): ProbeError {
  return new ProbeError(
    'full',
    `The capture has reached ${mostBytes / 2 ** 20} MB of memory, which is the most that one may ` +
      'take, so it has ended. All that it had until then stays: look at it, save it or export it. ' +
      'To go on, attach again; a lower rate or fewer workers fill it more slowly.',
    `account: more than ${mostBytes} bytes`,
  );
}
