/** What the bursts saw in which allocations are watched, by time. */
import { requestsOf } from '../analysis/requests';
import type { AllocationBursts, RequestScope } from '../probe/session';
import type { Query } from '../profile/engine';

/** Sums over a window of time; see {@link AllocationBursts}. */
export interface BurstSums {
  readonly watchedUs: number;
  readonly elapsedUs: number;
  readonly allocations: number;
  readonly bytes: number;
  readonly lostBytes: number;
  readonly requests: number;
}

/**
 * What all that was allocated comes to, estimated from the bursts. A part of it is its share of the
 * bytes in rows times this.
 */
export interface AllocationFigures extends BurstSums {
  /** null: not known, and `requestsMissing` says why. */
  readonly bytesPerRequest: number | null;
  readonly requestsMissing: string;
  /** Of all workers together; null: nothing was watched in this time. */
  readonly bytesPerSecond: number | null;
}

/**
 * Bursts begin and end within requests: of fewer than these, what one costs would be off by more
 * than a third in every third case.
 */
const FEWEST_REQUESTS = 10;

const sumsOf = (of: (key: keyof BurstSums) => number): BurstSums => ({
  watchedUs: of('watchedUs'),
  elapsedUs: of('elapsedUs'),
  allocations: of('allocations'),
  bytes: of('bytes'),
  lostBytes: of('lostBytes'),
  requests: of('requests'),
});
const nothing = sumsOf(() => 0);

/** The probe counts from each time that they are turned on; this goes on over all of them. */
export class BurstLog {
  /** Sums at the times of {@link times}, ascending. */
  private sums: BurstSums[] = [];
  private times: number[] = [];
  /** What the counts of the probe are to be taken from. */
  private before: BurstSums = nothing;
  private scope: RequestScope = 'none';

  /** The probe's counts begin anew with what is added next. */
  restart(): void {
    this.before = nothing;
  }

  /** What was seen so far is forgotten. */
  clear(): void {
    this.sums = [];
    this.times = [];
  }

  /** @param timeUs of the profile; never goes back. */
  add(timeUs: number, bursts: AllocationBursts): void {
    // Counts that went down are those of another run, whose beginning was not seen.
    if (bursts.elapsedUs < this.before.elapsedUs) this.restart();
    const { before } = this;
    const last = this.sums.at(-1) ?? nothing;
    this.sums.push(sumsOf((key) => last[key] + Math.max(0, bursts[key] - before[key])));
    this.times.push(timeUs);
    this.before = bursts;
    this.scope = bursts.requestScope;
    if (!bursts.on) this.restart();
  }

  /**
   * @param workers how many are traced.
   * @param allWorkers whether these are all of their master.
   */
  figures(query: Query, workers: number, allWorkers: boolean): AllocationFigures {
    const sums = this.within(query);
    const { bytes, watchedUs, requests } = sums;
    const counted = { handledRequests: requests, requestScope: this.scope, requestsMissing: '' };
    const known = requestsOf(counted, allWorkers);
    const few = `Only ${requests} came in while allocations were watched: too few for what one costs.`;
    const tooFew = this.scope !== 'none' && requests < FEWEST_REQUESTS ? few : '';
    const requestsMissing = 'missing' in known ? known.missing : tooFew;
    return {
      ...sums,
      bytesPerRequest: requestsMissing === '' ? bytes / requests : null,
      requestsMissing,
      bytesPerSecond: watchedUs > 0 ? (bytes / watchedUs) * 1e6 * workers : null,
    };
  }

  private within({ fromUs, toUs }: Query): BurstSums {
    const first = this.sums[this.firstAt(fromUs) - 1] ?? nothing;
    const last = this.sums[this.firstAt(toUs) - 1] ?? nothing;
    return sumsOf((key) => Math.max(0, last[key] - first[key]));
  }

  private firstAt(timeUs: number): number {
    let low = 0;
    let high = this.times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.times[middle]! < timeUs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
