/** The series that a session has declared. Rows refer to them by id. */
import type { SeriesInfo, Shape } from '../profile/rows';
import { isMeasure, stackSeries } from '../profile/series';
import type { Account } from './account';
import { atMost, corrupt, nameOf, textOf } from './corrupt';
import type * as wire from './generated/acupoint_pb';
import { limits } from './limits';

/** In the order of the enum in acupoint.proto. */
const SHAPES: readonly (Shape | undefined)[] = [undefined, 'stacks', 'tables', 'points'];

export class SeriesTable {
  private readonly declared: SeriesInfo[] = [];
  /** Whether rows by stack of a series have values of their own. */
  private readonly valued = new Map<string, boolean>();

  constructor(private readonly account: Account) {}

  /** Throws ProbeError 'corrupt-stream'. */
  add(added: readonly wire.Series[]): SeriesInfo[] {
    atMost(this.declared.length + added.length, limits.series, 'series');
    this.account.keep('series', added.length);
    return added.map((series) => {
      const info = infoOf(series);
      if (this.declared.some(({ name }) => name === info.name))
        throw corrupt(`series ${info.name}: a second time`);
      this.declared.push(info);
      return info;
    });
  }

  /** Of one batch: each series once. Throws ProbeError 'corrupt-stream'. */
  eachOf<R extends { readonly series: number }, T>(
    shape: Shape,
    all: readonly R[],
    decode: (info: SeriesInfo, rows: R) => T,
  ): T[] {
    const seen = new Set<number>();
    return all.map((rows) => {
      const info = this.declared[rows.series - 1];
      if (info === undefined)
        throw corrupt(`${shape}: series ${rows.series} of ${this.declared.length}`);
      if (info.shape !== shape) throw corrupt(`${shape}: series ${info.name} has ${info.shape}`);
      if (seen.has(rows.series)) throw corrupt(`${shape}: series ${info.name} twice in a batch`);
      seen.add(rows.series);
      return decode(info, rows);
    });
  }

  /** A series has values of its rows, or of their counts. */
  checkValued(name: string, valued: boolean): void {
    if (valued !== (this.valued.get(name) ?? valued))
      throw corrupt(`stacks: series ${name} has values of rows and of counts`);
    this.valued.set(name, valued);
  }
}

function infoOf(series: wire.Series): SeriesInfo {
  const name = textOf(series.name, 'series name', limits.seriesName);
  if (name === '') throw corrupt('series: one without a name');
  const shape = nameOf(SHAPES, series.shape, 'series shape');
  const unit = textOf(series.unit, 'series unit', limits.seriesName);
  if (isMeasure(name) && (shape !== 'stacks' || unit !== stackSeries[name].unit))
    throw corrupt(`series ${name}: ${shape} of ${unit}`);
  atMost(series.keys.length, shape === 'stacks' ? 0 : limits.seriesKeys, `series ${name} keys`);
  const keys = series.keys.map((key) => ({
    name: textOf(key.name, 'series key', limits.seriesName),
    number: key.number,
  }));
  if (new Set(keys.map((key) => key.name)).size < keys.length)
    throw corrupt(`series ${name}: two keys of one name`);
  const instrument = textOf(series.instrument, 'series instrument', limits.seriesName);
  return { name, instrument, shape, unit, estimated: series.estimated, keys };
}
