/** Rows of series as the wire has them, with the names that their ids stand for. */
import type { WireSession } from './wire-session';
import type { Batch, Labels } from '../../extension/probe/generated/acupoint_pb';

export interface NamedFrame {
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

export interface StackRow {
  readonly pid: number;
  /** From the root to the leaf. */
  readonly frames: readonly NamedFrame[];
  readonly count: number;
  readonly value: number;
  readonly labels: Labels | undefined;
}

export interface TableRow {
  readonly pid: number;
  /** Numbers as texts. */
  readonly keys: readonly string[];
  readonly count: number;
  readonly sum: number;
  readonly least: number;
  readonly most: number;
  /** Bucket and how many values lie in it. */
  readonly buckets: readonly (readonly [number, number])[];
}

export interface PointRow {
  readonly pid: number;
  readonly timeUs: number;
  readonly numbers: Readonly<Record<string, number>>;
  /** From the root to the leaf; none where it has no stack. */
  readonly frames: readonly NamedFrame[];
}

export class SeriesRows {
  private constructor(private readonly batches: readonly Batch[]) {}

  /** Of all batches that a session has received until now. */
  static of(session: WireSession): SeriesRows {
    return new SeriesRows(
      session.received.flatMap((message) => (message.case === 'batch' ? [message.value] : [])),
    );
  }

  private all<K extends 'strings' | 'functions' | 'frames' | 'series' | 'labels'>(key: K) {
    return this.batches.flatMap((batch) => batch[key] as Batch[K][number][]);
  }

  private idOf(series: string): number {
    return this.all('series').findIndex(({ name }) => name === series) + 1;
  }

  private frameNames(): NamedFrame[] {
    const strings = this.all('strings');
    const functions = this.all('functions');
    return this.all('frames').map(({ function: id, line }) => {
      const { name = 0, file = 0 } = functions[id - 1] ?? {};
      return { name: strings[name - 1] ?? '', file: strings[file - 1] ?? '', line };
    });
  }

  private framesOfStacks(): (stack: number) => NamedFrame[] {
    const names = this.frameNames();
    const parents = this.batches.flatMap(({ stackParents }) => stackParents);
    const leaves = this.batches.flatMap(({ stackFrames }) => stackFrames);
    return (stack) => {
      const frames: NamedFrame[] = [];
      for (let at = stack; at > 0; at = parents[at - 1]!)
        frames.unshift(names[leaves[at - 1]! - 1]!);
      return frames;
    };
  }

  stacks(series: string): StackRow[] {
    const id = this.idOf(series);
    const sets = this.all('labels');
    const framesOf = this.framesOfStacks();
    return this.batches
      .flatMap(({ stacks }) => stacks)
      .filter((rows) => rows.series === id)
      .flatMap(({ stacks, pids, labels, counts, values, valuePerCount }) =>
        stacks.map((stack, row) => ({
          pid: pids[row]!,
          frames: framesOf(stack),
          labels: sets[labels[row]! - 1],
          count: counts[row]!,
          value: Number(values[row] ?? counts[row]! * valuePerCount),
        })),
      );
  }

  table(series: string): TableRow[] {
    const id = this.idOf(series);
    const strings = this.all('strings');
    const keys = this.all('series')[id - 1]?.keys ?? [];
    return this.batches
      .flatMap(({ tables }) => tables)
      .filter((rows) => rows.series === id)
      .flatMap((rows) => {
        let next = 0;
        return rows.pids.map((pid, row) => {
          const last = next + (rows.bucketRows[row] ?? 0);
          const buckets: [number, number][] = [];
          for (; next < last; next++)
            buckets.push([rows.buckets[next]!, Number(rows.bucketCounts[next]!)]);
          return {
            pid,
            keys: keys.map(({ number }, key) => {
              const value = rows.keys[row * keys.length + key]!;
              return number ? String(value) : (strings[value - 1] ?? '');
            }),
            count: Number(rows.counts[row]!),
            sum: Number(rows.sums[row]!),
            least: Number(rows.least[row]!),
            most: Number(rows.most[row]!),
            buckets,
          };
        });
      });
  }

  points(series: string): PointRow[] {
    const id = this.idOf(series);
    const names = this.all('series')[id - 1]?.keys.map(({ name }) => name) ?? [];
    const framesOf = this.framesOfStacks();
    return this.batches
      .flatMap(({ points }) => points)
      .filter((rows) => rows.series === id)
      .flatMap(({ pids, timesUs, numbers, stacks }) =>
        pids.map((pid, row) => ({
          frames: framesOf(stacks[row] ?? 0),
          pid,
          timeUs: Number(timesUs[row]!),
          numbers: Object.fromEntries(
            names.map((name, key) => [name, numbers[row * names.length + key]!]),
          ),
        })),
      );
  }
}
