/** Iterations of event loops: how long they were, and what held up those that were too long. */
import { FrameKind, type Frame, type FunctionInfo } from '../profile/frames';
import { percentile } from '../profile/histogram';
import { displayName, fileText, isLua } from '../profile/names';
import type { PointLog, PointTable } from '../profile/points';
import type { TableLog, TableQuery } from '../profile/tables';

/** Of a profile; see native/probe/instruments/loop. */
export interface LoopSeries {
  table(name: string): TableLog | undefined;
  points(name: string): PointLog | undefined;
  readonly stacks: { readonly parents: Uint32Array; readonly frames: Uint32Array };
  readonly frames: readonly Frame[];
  functionInfo(id: number): FunctionInfo | undefined;
}

/** An iteration that lasts so long is a stall; as LOOP_STALL_NS of the probe. */
export const STALL_US = 10_000;

/** Microseconds; of none, 0. */
export interface IterationFigures {
  readonly count: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly maxUs: number;
}

/** A function that ran or was blocked in a stall. */
export interface Culprit {
  readonly name: string;
  /** As the worker knows it. */
  readonly file: string;
  /** The chunk name of a Lua function; '': it is none. */
  readonly chunk: string;
  /** Where it was for most of that time; 0: not known. */
  readonly line: number;
  /** Of the stall's length. */
  readonly share: number;
}

export interface Stall {
  readonly pid: number;
  /** When it began, in microseconds since the capture did. */
  readonly timeUs: number;
  readonly lengthUs: number;
  /** Its two ends were seen; else it lasted as long at least. */
  readonly exact: boolean;
  /** By descending share. */
  readonly functions: readonly Culprit[];
}

export function iterationsOf(series: LoopSeries, query: TableQuery): IterationFigures {
  const [row] = series.table('loop.iterations')?.rows(query, []) ?? [];
  const { count = 0, most = 0, p50 = 0, p99 = 0, p999 = 0 } = row ?? {};
  return { count, maxUs: most, p50Us: p50 ?? 0, p99Us: p99 ?? 0, p999Us: p999 ?? 0 };
}

/** Oldest first. */
export function stallsOf(series: LoopSeries, query: TableQuery): Stall[] {
  const points = series.points('loop.stall_parts')?.table(query);
  if (points === undefined) return [];
  const parts = new Map<string, number[]>();
  points.timesUs.forEach((timeUs, row) => {
    const id = `${points.pids[row]} ${timeUs}`;
    const known = parts.get(id);
    if (known === undefined) parts.set(id, [row]);
    else known.push(row);
  });
  return [...parts.values()]
    .map((rows) => stallOf(series, points, rows))
    .sort((one, other) => one.timeUs - other.timeUs);
}

function stallOf(series: LoopSeries, points: PointTable, rows: readonly number[]): Stall {
  const [first = 0] = rows;
  const numberOf = (key: string, row: number): number => points.numbers.get(key)?.[row] ?? 0;
  const lengthUs = numberOf('length', first);
  return {
    pid: points.pids[first] ?? 0,
    timeUs: points.timesUs[first] ?? 0,
    lengthUs,
    exact: numberOf('exact', first) === 1,
    functions: culpritsOf(
      rows.map((row) => {
        const share = lengthUs > 0 ? Math.min(1, numberOf('part', row) / lengthUs) : 0;
        return { ...culpritAt(series, points.stacks[row] ?? 0), share };
      }),
    ),
  };
}

/** One for each function, at the line that had most of its time. */
function culpritsOf(parts: readonly Culprit[]): Culprit[] {
  const functions = new Map<string, Culprit>();
  for (const part of [...parts].sort((one, other) => other.share - one.share)) {
    const id = `${part.name}\n${part.file}`;
    const known = functions.get(id);
    functions.set(id, known ? { ...known, share: known.share + part.share } : part);
  }
  return [...functions.values()].sort((one, other) => other.share - one.share);
}

/**
 * The innermost Lua function of a stack; where there is none the innermost native one, then
 * whatever is innermost.
 */
function culpritAt(series: LoopSeries, stack: number) {
  const { stacks, frames } = series;
  const found: Frame[] = [];
  for (let at = stack; at > 0; at = stacks.parents[at - 1] ?? 0) {
    const frame = frames[(stacks.frames[at - 1] ?? 0) - 1];
    if (frame !== undefined) found.push(frame);
  }
  const frame =
    found.find(({ kind }) => isLua(kind)) ??
    found.find(({ kind }) => kind === FrameKind.Native) ??
    found[0];
  const info = frame && series.functionInfo(frame.function);
  if (frame === undefined || info === undefined)
    return { name: '[more stacks]', file: '', chunk: '', line: 0 };
  return {
    name: displayName(info, frame.kind),
    file: fileText(info.file, frame.kind),
    chunk: isLua(frame.kind) ? info.file : '',
    line: frame.line || info.line,
  };
}

/** The longest iteration of each stretch of time; null: none ended in it. */
export interface LoopStrip {
  readonly fromUs: number;
  readonly columnUs: number;
  readonly longestUs: readonly (number | null)[];
}

const SECOND_US = 1e6;
/** More columns than this are no wider than a few pixels. */
const MOST_COLUMNS = 300;

/** @param untilUs where the query is open. */
export function stripOf(
  series: LoopSeries,
  query: TableQuery,
  stalls: readonly Stall[],
  untilUs: number,
): LoopStrip {
  const seconds = (Math.min(query.toUs, untilUs) - Math.max(0, query.fromUs)) / SECOND_US;
  const width = SECOND_US * Math.max(1, Math.ceil(seconds / MOST_COLUMNS));
  const columns = series.table('loop.iterations')?.columns(query, width, untilUs);
  if (columns === undefined) return { fromUs: 0, columnUs: width, longestUs: [] };
  const { fromUs, columnUs } = columns;
  const longestUs = columns.columns.map((column) => percentile(column, 1) ?? null);
  for (const { timeUs, lengthUs } of stalls) {
    const at = Math.floor((timeUs + lengthUs - fromUs) / columnUs);
    if (at >= 0 && at < longestUs.length) longestUs[at] = Math.max(longestUs[at] ?? 0, lengthUs);
  }
  return { fromUs, columnUs, longestUs };
}

/** Of a worker's time, shares of 1. */
export interface LoopWorker {
  readonly pid: number;
  /** It waited for events. */
  readonly idle: number;
  /** It was ready and had no CPU. */
  readonly queued: number;
}

export function loopWorkers(series: LoopSeries, query: TableQuery): LoopWorker[] {
  const points = series.points('loop.workers')?.table(query);
  const sums = new Map<number, { interval: number; idle: number; queued: number }>();
  points?.pids.forEach((pid, row) => {
    const sum = sums.get(pid) ?? { interval: 0, idle: 0, queued: 0 };
    const numberOf = (key: string): number => points.numbers.get(key)?.[row] ?? 0;
    sum.interval += numberOf('interval');
    sum.idle += numberOf('idle');
    sum.queued += numberOf('queued');
    sums.set(pid, sum);
  });
  return [...sums]
    .filter(([, { interval }]) => interval > 0)
    .map(([pid, { interval, idle, queued }]) => ({
      pid,
      idle: Math.min(1, idle / interval),
      queued: Math.min(1, queued / interval),
    }))
    .sort((one, other) => one.pid - other.pid);
}
