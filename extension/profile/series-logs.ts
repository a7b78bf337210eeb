/** The logs of series that are no stacks, by name. */
import { checkPoints, PointLog } from './points';
import type { PointRows, SeriesInfo, TableRows } from './rows';
import { checkTable, TableLog } from './tables';

export class SeriesLogs {
  readonly infos = new Map<string, SeriesInfo>();
  private readonly tables = new Map<string, TableLog>();
  private readonly points = new Map<string, PointLog>();

  table(name: string): TableLog | undefined {
    return this.tables.get(name);
  }

  pointsOf(name: string): PointLog | undefined {
    return this.points.get(name);
  }

  /** A run declares its series again; they go on. Throws RangeError where they are others now. */
  declare(series: readonly SeriesInfo[]): void {
    for (const info of series) {
      const known = this.infos.get(info.name);
      if (known && !isSame(known, info)) throw new RangeError(`series ${info.name} has changed`);
      if (known) continue;
      this.infos.set(info.name, info);
      if (info.shape === 'tables') this.tables.set(info.name, new TableLog(info));
      if (info.shape === 'points') this.points.set(info.name, new PointLog(info));
    }
  }

  /** Throws RangeError for what {@link add} would not take in whole. */
  check(tables: readonly TableRows[], points: readonly PointRows[], highestStack: number): void {
    for (const rows of tables) checkTable(rows, found(this.tables, rows.series).info);
    for (const rows of points) {
      checkPoints(rows, found(this.points, rows.series).info);
      for (const stack of rows.stacks)
        if (stack > highestStack) throw new RangeError(`point refers to stack ${stack}`);
    }
  }

  /** @param offsetUs of the run's times in those of the capture. */
  add(
    timeUs: number,
    offsetUs: number,
    tables: readonly TableRows[],
    points: readonly PointRows[],
  ): void {
    for (const rows of tables) found(this.tables, rows.series).append(timeUs, rows);
    for (const rows of points) found(this.points, rows.series).append(offsetUs, rows);
  }

  clear(): void {
    for (const log of [...this.tables.values(), ...this.points.values()]) log.clear();
  }
}

function found<T>(logs: ReadonlyMap<string, T>, name: string): T {
  const log = logs.get(name);
  if (log === undefined) throw new RangeError(`series ${name} was not declared`);
  return log;
}

function isSame(one: SeriesInfo, other: SeriesInfo): boolean {
  const names = (info: SeriesInfo): string =>
    JSON.stringify([info.shape, info.unit, ...info.keys.map(({ name, number }) => [name, number])]);
  return names(one) === names(other);
}
