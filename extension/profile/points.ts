/** Points of a profile: numbers at a time, with a text or a stack where there is one. */
import type { PointRows, SeriesInfo } from './rows';

/** The latest so many of a series are kept. */
export const MOST_POINTS = 2 ** 16;

export interface PointQuery {
  /** Microseconds since the capture began; inclusive, and exclusive. */
  readonly fromUs: number;
  readonly toUs: number;
  /** Only these processes; empty or absent: all. */
  readonly pids?: Uint32Array;
}

/** Columns of one length, in order of arrival. */
export interface PointTable {
  readonly timesUs: readonly number[];
  readonly pids: readonly number[];
  /** By name of the key. */
  readonly numbers: ReadonlyMap<string, readonly number[]>;
  /** '': none. */
  readonly texts: readonly string[];
  /** Stack ids; 0: none. */
  readonly stacks: readonly number[];
  /** How many more there were, which are not kept. */
  readonly dropped: number;
}

interface Point {
  readonly timeUs: number;
  readonly pid: number;
  readonly numbers: readonly number[];
  readonly text: string;
  readonly stack: number;
}

export class PointLog {
  private points: Point[] = [];
  private dropped = 0;

  constructor(
    readonly info: SeriesInfo,
    private readonly most = MOST_POINTS,
  ) {}

  /**
   * @param offsetUs of the run's times in those of the capture.
   * @throws RangeError where columns do not fit together; nothing is added then.
   */
  append(offsetUs: number, rows: PointRows): void {
    checkPoints(rows, this.info);
    const width = this.info.keys.length;
    for (let i = 0; i < rows.pids.length; i++)
      this.points.push({
        timeUs: rows.timesUs[i]! + offsetUs,
        pid: rows.pids[i]!,
        numbers: Array.from(rows.numbers.subarray(i * width, (i + 1) * width)),
        text: rows.texts[i] ?? '',
        stack: rows.stacks[i] ?? 0,
      });
    // A quarter at a time: the rest moves, and that is not to be paid for each point.
    if (this.points.length <= this.most * 1.25) return;
    this.dropped += this.points.length - this.most;
    this.points = this.points.slice(-this.most);
  }

  table({ fromUs, toUs, pids }: PointQuery): PointTable {
    const chosen = pids?.length ? new Set(pids) : undefined;
    const points = this.points.filter(
      ({ timeUs, pid }) => timeUs >= fromUs && timeUs < toUs && (!chosen || chosen.has(pid)),
    );
    const numbers = this.info.keys.map(
      ({ name }, i) => [name, points.map((point) => point.numbers[i]!)] as const,
    );
    return {
      timesUs: points.map(({ timeUs }) => timeUs),
      pids: points.map(({ pid }) => pid),
      numbers: new Map(numbers),
      texts: points.map(({ text }) => text),
      stacks: points.map(({ stack }) => stack),
      dropped: this.dropped,
    };
  }

  clear(): void {
    this.points = [];
    this.dropped = 0;
  }
}

/** Throws RangeError where columns do not fit together. */
export function checkPoints(rows: PointRows, info: SeriesInfo): void {
  const { pids, timesUs, numbers, texts, stacks } = rows;
  const length = pids.length;
  if (
    timesUs.length !== length ||
    numbers.length !== length * info.keys.length ||
    (texts.length !== 0 && texts.length !== length) ||
    (stacks.length !== 0 && stacks.length !== length)
  )
    throw new RangeError('point columns differ in length');
}
