/** How much CPU or memory each owner took, second by second, over the last minute. */
import { type Measure, stackSeries } from '../profile/series';
import type { ProfileStore } from '../profile/store';
import type { OwnerIndex } from './owner-index';

export const TREND_SECONDS = 60;

/** Looks at each second once, when it is over. */
export class Trend {
  /** Of seconds that follow on each other. */
  private seconds: Second[] = [];
  /** The second that is looked at next. */
  private next = 0;
  private updating: Promise<void> | undefined;

  constructor(
    private readonly store: ProfileStore,
    private readonly index: OwnerIndex,
    private readonly measure: Measure,
  ) {}

  clear(): void {
    this.seconds = [];
    this.next = Math.floor(this.store.timeUs / 1e6);
  }

  /** Once at a time: the seconds stay in their order. */
  update(): Promise<void> {
    this.updating ??= this.catchUp().finally(() => (this.updating = undefined));
    return this.updating;
  }

  private async catchUp(): Promise<void> {
    const now = Math.floor(this.store.timeUs / 1e6);
    this.next = Math.max(this.next, now - TREND_SECONDS);
    while (this.next < now) {
      const second = this.next++;
      // An interval's time is its end.
      const window = { fromUs: second * 1e6 + 1, toUs: (second + 1) * 1e6 + 1 };
      const table = await this.store.stackTable({ ...window, measure: this.measure });
      await this.index.advance();
      const owners = this.index.update();
      const weights = new Map<number, number>();
      table.stacks.forEach((stack, i) => {
        const owner = owners[stack]!;
        weights.set(owner, (weights.get(owner) ?? 0) + table.weights[i]!);
      });
      const { gaps } = this.store;
      const isKnown = !gaps.some(([from, to]) => from < window.toUs - 1 && to >= window.fromUs);
      this.seconds.push({ weights, all: table.weight, isKnown });
    }
    if (this.seconds.length > TREND_SECONDS) this.seconds = this.seconds.slice(-TREND_SECONDS);
  }

  /**
   * Cores used in each second, oldest first; at most {@link TREND_SECONDS}. Of what is watched in
   * bursts its part of the second's weight: how much was watched differs from second to second. null:
   * of a second in which nobody sampled for some of it.
   */
  of(owner: number): (number | null)[] {
    const { trend } = stackSeries[this.measure];
    return this.seconds.map(({ weights, all, isKnown }) => {
      if (!isKnown) return null;
      const weight = weights.get(owner) ?? 0;
      return weight / (trend === 'rate' ? 1e6 : Math.max(1, all));
    });
  }
}

interface Second {
  /** By owner id. */
  readonly weights: Map<number, number>;
  readonly all: number;
  readonly isKnown: boolean;
}
