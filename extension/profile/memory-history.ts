/**
 * How the memory of workers went: each second of the last ten minutes, and before that, up to an
 * hour, the highest of each ten seconds.
 */
import type { WorkerMemory } from './memory';

export interface MemoryPoint extends WorkerMemory {
  /** Unix milliseconds. */
  readonly atMs: number;
}

/** The probe looks once a second: what comes more often is one point. */
const CLOSEST_MS = 500;
const FINE_MS = 10 * 60_000;
const STEP_MS = 10_000;
const KEPT_MS = 60 * 60_000;
/** Workers come and go with reloads; these are kept, the latest first. */
const MOST_WORKERS = 64;

export class MemoryHistory {
  /** By pid, oldest first. */
  private readonly workers = new Map<number, MemoryPoint[]>();

  get pids(): number[] {
    return [...this.workers.keys()];
  }

  /** Oldest first; empty where nothing is known of the worker. */
  of(pid: number): readonly MemoryPoint[] {
    return this.workers.get(pid) ?? [];
  }

  /** Adds a point; one before the last of its worker is left out. */
  add(point: MemoryPoint): void {
    const points = this.workers.get(point.pid) ?? [];
    const last = points.at(-1);
    if (last !== undefined && point.atMs <= last.atMs) return;
    if (last !== undefined && point.atMs < last.atMs + CLOSEST_MS) {
      points[points.length - 1] = { ...together(last, point), atMs: last.atMs };
      return;
    }
    points.push(point);
    this.workers.set(point.pid, thinned(points, point.atMs));
    if (this.workers.size > MOST_WORKERS) this.forgetOldest();
  }

  clear(): void {
    this.workers.clear();
  }

  private forgetOldest(): void {
    const lastOf = (points: readonly MemoryPoint[]) => points.at(-1)?.atMs ?? 0;
    const oldest = [...this.workers].reduce((a, b) => (lastOf(b[1]) < lastOf(a[1]) ? b : a));
    this.workers.delete(oldest[0]);
  }
}

/** The point that has just left the fine part joins the last coarse one, or begins a new one. */
function thinned(points: MemoryPoint[], nowMs: number): MemoryPoint[] {
  const firstFine = points.findIndex(({ atMs }) => atMs > nowMs - FINE_MS);
  if (firstFine <= 0) return points;
  const coarse: MemoryPoint[] = [];
  for (const point of points.slice(0, firstFine)) {
    if (point.atMs <= nowMs - KEPT_MS) continue;
    const last = coarse.at(-1);
    if (last === undefined || stepOf(last) !== stepOf(point)) coarse.push(point);
    else coarse[coarse.length - 1] = together(last, point);
  }
  return [...coarse, ...points.slice(firstFine)];
}

function together(a: MemoryPoint, b: MemoryPoint): MemoryPoint {
  const highest = b.gcTotal > a.gcTotal ? b : a;
  // A range of 0 to 0 is one that was not seen.
  const lows = [a, b].filter(({ gcHigh }) => gcHigh > 0).map(({ gcLow }) => gcLow);
  return {
    ...highest,
    gcLow: lows.length > 0 ? Math.min(...lows) : 0,
    gcHigh: Math.max(a.gcHigh, b.gcHigh),
  };
}

function stepOf({ atMs }: MemoryPoint): number {
  return Math.floor(atMs / STEP_MS);
}
