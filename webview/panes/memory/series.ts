/** The lines of the chart: what of one worker's memory, or one figure of all workers. */
import type { MemoryPoint } from '../../../extension/profile/memory-history';

export interface Series {
  readonly id: string;
  readonly name: string;
  /** Says what it is, for whoever points at its name. */
  readonly title: string;
  /** A class of the style sheet: colour and dashes. */
  readonly look: string;
  readonly points: readonly (readonly [atMs: number, bytes: number])[];
  /** Between what it was within each point's second; absent: only points are known. */
  readonly range?: readonly (readonly [atMs: number, low: number, high: number])[];
}

type Figure = (point: MemoryPoint) => number;

interface Line {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly of: Figure;
}

const LINES: readonly Line[] = [
  { id: 'rss', name: 'RSS', title: 'All resident memory', of: (p) => p.rssBytes },
  { id: 'anon', name: 'Private', title: 'Resident, of no file', of: (p) => p.rssAnon },
  {
    id: 'shared',
    name: 'Shared',
    title: 'Resident in this worker, of the zones that workers share',
    of: (p) => p.rssShared,
  },
  {
    id: 'segments',
    name: 'LuaJIT allocator',
    title: 'Segments that it has mapped, used or not; blocks of 128 KiB and more are not in them',
    of: (p) => p.luaSegments,
  },
  {
    id: 'heap',
    name: 'C heap',
    title: "Address space of the C library's heap; what it maps one by one is not in it",
    of: (p) => p.cHeap,
  },
  { id: 'lua', name: 'Lua', title: 'In use, by the count of the collector', of: (p) => p.gcTotal },
  {
    id: 'threshold',
    name: 'Next cycle',
    title: 'At how much the collector begins to work, or takes its next step',
    of: (p) => p.gcThreshold,
  },
];

/** Lines of Lua's own memory. */
export const OF_LUA: ReadonlySet<string> = new Set(['segments', 'lua', 'threshold']);

/** Figures that can be compared between workers. */
export const COMPARED: readonly (readonly [string, string])[] = [
  ['rss', 'RSS of all workers'],
  ['anon', 'Private memory of all workers'],
  ['lua', 'Lua memory of all workers'],
];

/** More lines than can be told apart. */
const MOST_WORKERS = 8;

export function seriesOfWorker(points: readonly MemoryPoint[]): Series[] {
  return LINES.map(({ of, ...line }) => ({
    ...line,
    look: `line-${line.id}`,
    points: points.map((point) => [point.atMs, of(point)] as const),
    ...(line.id === 'lua' ? { range: rangeOf(points) } : {}),
  })).filter((line) => line.points.some(([, bytes]) => bytes > 0));
}

function rangeOf(points: readonly MemoryPoint[]): NonNullable<Series['range']> {
  return points
    .filter(({ gcHigh }) => gcHigh > 0)
    .map(({ atMs, gcLow, gcHigh }) => [atMs, gcLow, gcHigh] as const);
}

/** The workers with the most of it. */
export function seriesOfWorkers(
  id: string,
  workers: ReadonlyMap<number, readonly MemoryPoint[]>,
): Series[] {
  const of = LINES.find((line) => line.id === id)?.of ?? LINES[0]!.of;
  const last = (points: readonly MemoryPoint[]) => of(points.at(-1)!);
  const largest = [...workers]
    .filter(([, points]) => points.length > 0)
    .sort((a, b) => last(b[1]) - last(a[1]) || a[0] - b[0])
    .slice(0, MOST_WORKERS)
    .sort((a, b) => a[0] - b[0]);
  return largest.map(([pid, points], i) => ({
    id: String(pid),
    name: `worker ${pid}`,
    title: `Worker ${pid}`,
    look: `line-worker-${i}`,
    points: points.map((point) => [point.atMs, of(point)] as const),
  }));
}
