/** The work of LuaJIT's compiler in each VM, and what it gave up on. */
import type { PointLog } from '../profile/points';
import type { TableLog, TableQuery } from '../profile/tables';

/** Tables and points of the profile by name; see native/probe/instruments/jit. */
export interface JitSeries {
  table(name: string): TableLog | undefined;
  points(name: string): PointLog | undefined;
}

export interface VmState {
  readonly pid: number;
  readonly traces: number;
  readonly maxTraces: number;
  readonly machineCodeBytes: number;
  readonly machineCodeLimit: number;
  readonly flushes: number;
  /** Of them, in the last minute that is known. */
  readonly recentFlushes: number;
  readonly hotloop: number;
  readonly hotexit: number;
}

export interface Abort {
  readonly reason: string;
  readonly file: string;
  readonly line: number;
  readonly count: number;
}

export interface Blacklisted {
  readonly file: string;
  readonly line: number;
  readonly kind: string;
}

const MINUTE_US = 60e6;
const ALL = { fromUs: -Infinity, toUs: Infinity };

/** As each VM was seen last, up to the end of the query. */
export function vmStates(series: JitSeries, query: TableQuery): VmState[] {
  const points = series.points('jit.vms')?.table({ ...ALL, ...query, fromUs: -Infinity });
  if (points === undefined) return [];
  const column = (name: string, row: number): number => points.numbers.get(name)?.[row] ?? 0;
  const seen = new Map<string, number[]>();
  points.pids.forEach((pid, row) => {
    const id = `${pid} ${column('vm', row)}`;
    seen.set(id, [...(seen.get(id)?.filter((each) => isRecent(each, row)) ?? []), row]);
  });
  function isRecent(earlier: number, row: number): boolean {
    return points!.timesUs[earlier]! > points!.timesUs[row]! - MINUTE_US;
  }
  return [...seen.values()]
    .map((rows) => {
      const last = rows.at(-1)!;
      const flushes = column('flushes', last);
      return {
        pid: points.pids[last]!,
        traces: column('traces', last),
        maxTraces: column('maxTraces', last),
        machineCodeBytes: column('machineCodeBytes', last),
        machineCodeLimit: column('machineCodeLimit', last),
        flushes,
        recentFlushes: Math.max(0, flushes - column('flushes', rows[0]!)),
        hotloop: column('hotloop', last),
        hotexit: column('hotexit', last),
      };
    })
    .sort((one, other) => one.pid - other.pid);
}

/** Most frequent first. */
export function abortsOf(series: JitSeries, query: TableQuery): Abort[] {
  const rows = series.table('jit.aborts')?.rows(query, ['reason', 'file', 'line']) ?? [];
  return rows
    .map(({ keys: [reason, file, line], sum }) => ({
      reason: String(reason),
      file: String(file),
      line: Number(line),
      count: sum,
    }))
    .sort((one, other) => other.count - one.count);
}

/** Whenever it was seen: what is blacklisted stays so until all traces are flushed. */
export function blacklistedIn(series: JitSeries, query: TableQuery): Blacklisted[] {
  const always = { ...query, fromUs: -Infinity };
  const rows = series.table('jit.blacklisted')?.rows(always, ['file', 'line', 'kind']) ?? [];
  return rows.map(({ keys: [file, line, kind] }) => ({
    file: String(file),
    line: Number(line),
    kind: String(kind),
  }));
}
