import { Quality, type SampleLabels, VmState } from './frames';
import type { StackRows } from './rows';
import { defaultMeasure, isMeasure, stackSeries } from './series';

/** The sums over the rows of a series. */
export interface SeriesTally {
  readonly samples: number;
  /** In the unit of the series. */
  readonly weight: number;
}

const nothing: SeriesTally = { samples: 0, weight: 0 };

/** Rows counted by their series; samples also by what their labels say and by worker. */
export class Tallies {
  /** Indexed by {@link Quality}. */
  byQuality: number[] = zeros(Quality.Unknown + 1);
  /** Indexed by {@link VmState}. */
  byVmState: number[] = zeros(VmState.Jit + 1);
  readonly byPid = new Map<number, number>();
  private readonly bySeries = new Map<string, SeriesTally>();

  /** @param labelsOf the label set of an id. */
  add(rows: StackRows, labelsOf: (id: number) => SampleLabels | undefined): void {
    const { series, pids, labels, counts, values } = rows;
    let { samples, weight } = this.of(series);
    for (let row = 0; row < counts.length; row++) {
      const count = counts[row]!;
      samples += count;
      weight += typeof values === 'number' ? count * values : values[row]!;
    }
    this.bySeries.set(series, { samples, weight });
    if (!isMeasure(series) || !stackSeries[series].sampled) return;
    for (let row = 0; row < counts.length; row++)
      this.addSample(pids[row]!, labelsOf(labels[row]!), counts[row]!);
  }

  of(series: string): SeriesTally {
    return this.bySeries.get(series) ?? nothing;
  }

  /** Of CPU time. */
  get samples(): number {
    return this.of(defaultMeasure).samples;
  }

  /** Samples where Lua was running. */
  get luaSamples(): number {
    return this.samples - this.byQuality[Quality.NoLua]!;
  }

  clear(): void {
    this.bySeries.clear();
    this.byQuality = zeros(this.byQuality.length);
    this.byVmState = zeros(this.byVmState.length);
    this.byPid.clear();
  }

  private addSample(pid: number, labels: SampleLabels | undefined, count: number): void {
    const quality = labels?.quality ?? Quality.NoLua;
    const state = labels?.vmState ?? VmState.None;
    this.byQuality[quality] = (this.byQuality[quality] ?? 0) + count;
    this.byVmState[state] = (this.byVmState[state] ?? 0) + count;
    this.byPid.set(pid, (this.byPid.get(pid) ?? 0) + count);
  }
}

function zeros(length: number): number[] {
  return new Array<number>(length).fill(0);
}
