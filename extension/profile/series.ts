/**
 * The series of stacks that views know, and all in which they differ. Whoever needs to treat one
 * otherwise asks for a property here and compares no name: a further series is one entry more.
 */
import { bytesText } from './bytes';
import { FrameKind } from './frames';

/** Names as a probe declares them (native/wire/acupoint.proto). */
export type Measure = 'cpu' | 'allocated' | 'offcpu' | 'waiting' | 'exceptions' | 'loop.stalls';

/** The quantity of the weights. Microseconds, bytes, or how many. */
export type Quantity = 'time' | 'memory' | 'count';

interface Words {
  /** A button that shows it. */
  readonly label: string;
  readonly hint: string;
  /** Heads a column of weights: "on CPU". */
  readonly column: string;
  /** Heads a column of shares, and stands behind a percentage: "12.3 % CPU". */
  readonly share: string;
  readonly ofShare: string;
  /** Shares are of this: within a sentence, at its beginning, and in an editor's hover. */
  readonly whole: string;
  readonly Whole: string;
  readonly ofWhole: string;
  /** The root of a tree: "All samples". */
  readonly all: string;
  readonly legendHint: string;
  /** Heads a column of what a request costs, and explains it. */
  readonly request: string;
  readonly requestHint: string;
  readonly trendHint: string;
  /** Stands behind a percentage of a trend. */
  readonly trendUnit: string;
}

/** Names of other tools for it. */
interface ExportNames {
  /** The type of pprof's values, their unit, and how many of these one of ours is. */
  readonly pprof: { readonly type: string; readonly unit: string; readonly scale: number };
  readonly speedscope: 'microseconds' | 'bytes' | 'none';
  /**
   * The numbers of folded stacks: samples at the highest rate that there was, or weights.
   */
  readonly folded: 'samples' | 'weights';
  /** Stands behind the target's name in a title; '': the title says nothing of it. */
  readonly title: string;
}

export interface StackSeries {
  readonly name: Measure;
  /** The instrument whose series it is: {@link ProbeSession.watch} takes it. */
  readonly instrument: string;
  /** Its rows come while the trace runs; else while somebody looks at them. */
  readonly always: boolean;
  readonly quantity: Quantity;
  /** Of values on the wire. */
  readonly unit: 'us' | 'bytes' | 'count';
  /** Only bursts are watched: sums are estimates and shown as such. */
  readonly inBursts: boolean;
  /** Rows stand for more than what was seen: amounts of a row are shown as estimates. */
  readonly estimated: boolean;
  /** Sum of 1 << kind: frames that are left out until the user wants them. */
  readonly hiddenAtFirst: number;
  /**
   * Samples are interrupts: they say what the thread did, so that the garbage collector and the JIT
   * compiler are parts of the whole.
   */
  readonly sampled: boolean;
  /**
   * The unit of a trend: cores (seconds in a second), or the part of what was seen in each second.
   */
  readonly trend: 'rate' | 'part';
  readonly words: Words;
  readonly exported: ExportNames;
}

const bits = (...kinds: FrameKind[]): number => kinds.reduce((mask, kind) => mask | (1 << kind), 0);

/** In the order in which views offer them. */
export const stackSeries: Readonly<Record<Measure, StackSeries>> = {
  cpu: {
    name: 'cpu',
    instrument: 'cpu',
    always: true,
    quantity: 'time',
    unit: 'us',
    inBursts: false,
    estimated: false,
    hiddenAtFirst: 0,
    sampled: true,
    trend: 'rate',
    words: {
      label: 'CPU',
      hint: 'CPU time',
      column: 'on CPU',
      share: 'CPU',
      ofShare: 'CPU',
      whole: 'on-CPU time',
      Whole: 'On-CPU time',
      ofWhole: 'CPU',
      all: 'All samples',
      legendHint: 'Share of on-CPU time in which a frame of this kind was the running one',
      request: 'µs / request',
      requestHint: 'On-CPU microseconds for each request that nginx took on',
      trendHint: 'CPU used in each of the last 60 seconds, all rows to one scale; sorts by growth',
      trendUnit: '% of a core',
    },
    exported: {
      pprof: { type: 'cpu', unit: 'nanoseconds', scale: 1000 },
      speedscope: 'microseconds',
      folded: 'samples',
      title: '',
    },
  },
  allocated: {
    name: 'allocated',
    instrument: 'allocations',
    always: false,
    quantity: 'memory',
    unit: 'bytes',
    inBursts: true,
    estimated: true,
    // Frames below Lua allocate nothing for themselves: without them, bytes are those of the Lua
    // code that asked for them.
    hiddenAtFirst: bits(FrameKind.Kernel, FrameKind.Native),
    sampled: false,
    trend: 'part',
    words: {
      label: 'Allocations',
      hint: 'Allocations: bytes that Lua code asks for, watched in short bursts while it is shown',
      column: 'allocated',
      share: 'Bytes',
      ofShare: 'of bytes',
      whole: 'allocated bytes',
      Whole: 'Allocated bytes',
      ofWhole: 'allocated bytes',
      all: 'All allocations',
      legendHint: 'Share of the bytes that were allocated while a frame of this kind was running',
      request: '/ request',
      requestHint:
        'Bytes for each request that nginx took on, estimated from the bursts in which ' +
        'allocations are watched',
      trendHint:
        'Part of the bytes in each of the last 60 seconds, all rows to one scale; sorts by growth',
      trendUnit: '% of the bytes',
    },
    exported: {
      pprof: { type: 'alloc_space', unit: 'bytes', scale: 1 },
      speedscope: 'bytes',
      folded: 'weights',
      title: 'allocations',
    },
  },
  offcpu: {
    name: 'offcpu',
    instrument: 'offcpu',
    always: false,
    quantity: 'time',
    unit: 'us',
    inBursts: false,
    estimated: true,
    hiddenAtFirst: 0,
    sampled: false,
    trend: 'rate',
    words: {
      label: 'Off-CPU',
      hint:
        'Off-CPU: time in which a worker was blocked outside its event loop; of short times from one ' +
        'place, some stand for all',
      column: 'blocked',
      share: 'Blocked',
      ofShare: 'of blocked time',
      whole: 'blocked time',
      Whole: 'Blocked time',
      ofWhole: 'blocked time',
      all: 'All blocked time',
      legendHint: 'Share of blocked time in which a frame of this kind was the innermost one',
      request: 'µs / request',
      requestHint: 'Blocked microseconds for each request that nginx took on',
      trendHint:
        'Blocked time in each of the last 60 seconds, all rows to one scale; sorts by growth',
      trendUnit: '% of the time',
    },
    exported: {
      pprof: { type: 'off_cpu', unit: 'nanoseconds', scale: 1000 },
      speedscope: 'microseconds',
      folded: 'weights',
      title: 'off-CPU',
    },
  },
  waiting: {
    name: 'waiting',
    instrument: 'waiting',
    always: false,
    quantity: 'time',
    unit: 'us',
    inBursts: false,
    estimated: true,
    hiddenAtFirst: 0,
    sampled: false,
    trend: 'rate',
    words: {
      label: 'Waiting',
      hint:
        'Waiting: the time of all requests in flight, by where their Lua waits and what for; looked at ' +
        'some twenty times a second',
      column: 'waiting',
      share: 'Waiting',
      ofShare: 'of the time of requests',
      whole: 'time of requests',
      Whole: 'Time of requests',
      ofWhole: 'the time of requests',
      all: 'All time of requests',
      legendHint:
        'Share of the time of requests in which a frame of this kind was the innermost one',
      request: 'µs / request',
      requestHint: 'Microseconds that a request waits here, of all that nginx took on',
      trendHint:
        'Requests that wait in each of the last 60 seconds, all rows to one scale; sorts by growth',
      trendUnit: '% of the time',
    },
    exported: {
      pprof: { type: 'waiting', unit: 'nanoseconds', scale: 1000 },
      speedscope: 'microseconds',
      folded: 'weights',
      title: 'waiting',
    },
  },
  'loop.stalls': {
    name: 'loop.stalls',
    instrument: 'loop',
    always: false,
    quantity: 'time',
    unit: 'us',
    inBursts: false,
    estimated: true,
    hiddenAtFirst: 0,
    sampled: false,
    trend: 'rate',
    words: {
      label: 'Stalls',
      hint: 'Stalls: time of iterations of the event loop that took 10 ms or more',
      column: 'stalled',
      share: 'Stalled',
      ofShare: 'of stalled time',
      whole: 'stalled time',
      Whole: 'Stalled time',
      ofWhole: 'stalled time',
      all: 'All stalls',
      legendHint: 'Share of stalled time in which a frame of this kind ran or was blocked',
      request: 'µs / request',
      requestHint: 'Microseconds of stalls for each request that nginx took on',
      trendHint:
        'Stalled time in each of the last 60 seconds, all rows to one scale; sorts by growth',
      trendUnit: '% of the time',
    },
    exported: {
      pprof: { type: 'stalled', unit: 'nanoseconds', scale: 1000 },
      speedscope: 'microseconds',
      folded: 'weights',
      title: 'stalls',
    },
  },
  exceptions: {
    name: 'exceptions',
    instrument: 'errors',
    always: false,
    quantity: 'count',
    unit: 'count',
    inBursts: true,
    estimated: false,
    // The unwinder and LuaJIT's own code throw: exceptions are those of the Lua code above them.
    hiddenAtFirst: bits(FrameKind.Kernel, FrameKind.Native),
    sampled: false,
    trend: 'part',
    words: {
      label: 'Exceptions',
      hint: 'Exceptions: errors that Lua code throws, caught or not; in short bursts where there are many',
      column: 'thrown',
      share: 'Exceptions',
      ofShare: 'of exceptions',
      whole: 'exceptions',
      Whole: 'Exceptions',
      ofWhole: 'exceptions',
      all: 'All exceptions',
      legendHint: 'Share of the exceptions that were thrown while a frame of this kind was running',
      request: '/ request',
      requestHint: 'Exceptions for each request that nginx took on',
      trendHint:
        'Part of the exceptions in each of the last 60 seconds, all rows to one scale; sorts by growth',
      trendUnit: '% of the exceptions',
    },
    exported: {
      pprof: { type: 'exceptions', unit: 'count', scale: 1 },
      speedscope: 'none',
      folded: 'weights',
      title: 'exceptions',
    },
  },
};

/** In the order in which views offer them. */
export const measures = Object.keys(stackSeries) as Measure[];

/** The measure shown at first, and of a query without one. */
export const defaultMeasure: Measure = 'cpu';

export function isMeasure(name: unknown): name is Measure {
  return typeof name === 'string' && Object.hasOwn(stackSeries, name);
}

/** "812 B", "3.2 KB"; "840 µs", "12.5 ms", "1.43 s"; "0.03", "1,204". */
export function amountText(quantity: Quantity, amount: number): string {
  if (quantity === 'count') return countText(amount);
  return quantity === 'memory' ? bytesText(amount) : timeText(amount);
}

function countText(amount: number): string {
  if (amount >= 10 || Number.isInteger(amount)) return Math.round(amount).toLocaleString('en-US');
  return amount.toPrecision(2);
}

function timeText(microseconds: number): string {
  if (microseconds < 999.5) return `${Math.round(microseconds)} µs`;
  if (microseconds < 999_950) return `${(microseconds / 1e3).toFixed(1)} ms`;
  return `${(microseconds / 1e6).toFixed(2)} s`;
}
