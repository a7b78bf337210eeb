/** The log of an instrument that can be switched, by time. */
import { mostParts, quotientError } from '../analysis/burst-errors';
import { requestsOf } from '../analysis/requests';
import type { InstrumentState, RequestScope } from '../probe/session';
import type { Query } from '../profile/engine';

/** Sums over a window of time. */
export type WatchSums = Pick<
  InstrumentState,
  'watchedUs' | 'elapsedUs' | 'events' | 'value' | 'lostEvents' | 'lostValue' | 'requests'
>;

/**
 * The sum of all of it, in the unit of the instrument's main series: an estimate where it watched
 * in bursts. A part of it is its share of the weight in rows times this.
 */
export interface WatchFigures extends WatchSums {
  /** null: not known, and `requestsMissing` says why. */
  readonly perRequest: number | null;
  readonly requestsMissing: string;
  /** Half of its interval of 95 %, as a part of it; 0: no estimate, null: not known. */
  readonly perRequestError: number | null;
  /** Of all workers together; null: nothing was watched in this time. */
  readonly perSecond: number | null;
}

/** More than a chart has room for. */
const MOST_UNWATCHED = 200;
/** Where one burst is all there is to go by. */
const FEWEST_REQUESTS = 10;

const sumsOf = (of: (key: keyof WatchSums) => number): WatchSums => ({
  watchedUs: of('watchedUs'),
  elapsedUs: of('elapsedUs'),
  events: of('events'),
  value: of('value'),
  lostEvents: of('lostEvents'),
  lostValue: of('lostValue'),
  requests: of('requests'),
});
const nothing = sumsOf(() => 0);

/** The probe counts from each time that it is switched on; this goes on over all of them. */
export class WatchLog {
  /** Sums at the times of {@link times}, ascending. */
  private sums: WatchSums[] = [];
  private times: number[] = [];
  /** The counts of the probe are taken from these. */
  private before: WatchSums = nothing;
  private scope: RequestScope = 'none';
  private isOn = false;
  /** Why it saw nothing, as last heard while it was on; '' where it saw. */
  missing = '';

  /** Whether it is known that it sees, or why it does not. */
  get settled(): boolean {
    return this.missing !== '' || (this.sums.at(-1)?.watchedUs ?? 0) > 0;
  }

  /** The probe's counts begin again with what is added next. */
  restart(): void {
    this.before = nothing;
  }

  /** Forgets what was seen so far. */
  clear(): void {
    this.sums = [];
    this.times = [];
  }

  /** @param timeUs of the profile; never goes back. */
  add(timeUs: number, state: InstrumentState): void {
    // It counts from 0 whenever it is switched on, and says its last counts while it is off. Counts
    // that went down are those of another run, whose beginning was not seen.
    if ((state.on && !this.isOn) || state.elapsedUs < this.before.elapsedUs) this.restart();
    this.isOn = state.on;
    const { before } = this;
    const last = this.sums.at(-1) ?? nothing;
    this.sums.push(sumsOf((key) => last[key] + Math.max(0, state[key] - before[key])));
    this.times.push(timeUs);
    this.before = state;
    this.scope = state.requestScope;
    if (state.on) this.missing = state.missing;
  }

  /**
   * @param workers how many are traced.
   * @param allWorkers whether these are all of their master.
   */
  figures(query: Query, workers: number, allWorkers: boolean): WatchFigures {
    const sums = this.within(query);
    const { value, watchedUs, elapsedUs, requests } = sums;
    const counted = { handledRequests: requests, requestScope: this.scope, requestsMissing: '' };
    const known = requestsOf(counted, allWorkers);
    const error = watchedUs < elapsedUs ? this.requestError(query) : 0;
    const unclear = error === undefined ? requests < FEWEST_REQUESTS : error >= 1;
    const few = `Only ${requests} came in while this was watched: too few for what one costs.`;
    const tooFew = this.scope !== 'none' && unclear ? few : '';
    const requestsMissing = 'missing' in known ? known.missing : tooFew;
    return {
      ...sums,
      perRequest: requestsMissing === '' ? value / requests : null,
      requestsMissing,
      perRequestError: requestsMissing === '' ? (error ?? null) : null,
      perSecond: watchedUs > 0 ? (value / watchedUs) * 1e6 * workers : null,
    };
  }

  /** Stretches of time that fill the query's, with as many bursts each, or one more. */
  parts(query: Query): Query[] {
    const first = this.firstAt(query.fromUs);
    const ends: number[] = [];
    for (let i = first; i < this.firstAt(query.toUs); i++)
      if (this.sums[i]!.events > (this.sums[i - 1]?.events ?? 0)) ends.push(i);
    const count = Math.min(ends.length, mostParts);
    // Rows of a batch have its time.
    const until = (part: number) =>
      this.times[ends[Math.floor((part * ends.length) / count) - 1]!]!;
    return Array.from({ length: count }, (_, i) => ({
      ...query,
      fromUs: i === 0 ? query.fromUs : until(i) + 1,
      toUs: i === count - 1 ? query.toUs : until(i + 1) + 1,
    }));
  }

  /** Times of a second or more in which it was not on, or nobody was there to watch; the latest. */
  unwatched(): (readonly [fromUs: number, toUs: number])[] {
    const found: [number, number][] = [];
    this.times.forEach((toUs, i) => {
      if (this.sums[i]!.elapsedUs > (this.sums[i - 1]?.elapsedUs ?? 0)) return;
      const fromUs = this.times[i - 1] ?? 0;
      const last = found.at(-1);
      if (last?.[1] === fromUs) last[1] = toUs;
      else found.push([fromUs, toUs]);
    });
    return found.filter(([fromUs, toUs]) => toUs - fromUs >= 1e6).slice(-MOST_UNWATCHED);
  }

  /** undefined: there was but one burst. */
  private requestError(query: Query): number | undefined {
    const parts = this.parts(query).map((part) => this.within(part));
    return quotientError(parts.map(({ value, requests }) => [value, requests]));
  }

  private within({ fromUs, toUs }: Query): WatchSums {
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

/** The logs of all instruments, by name. */
export class WatchLogs {
  private readonly logs = new Map<string, WatchLog>();

  of(instrument: string): WatchLog {
    let log = this.logs.get(instrument);
    if (log === undefined) this.logs.set(instrument, (log = new WatchLog()));
    return log;
  }

  /** @param timeUs of the profile; never goes back. */
  heed(timeUs: number, states: readonly InstrumentState[]): void {
    for (const state of states) this.of(state.instrument).add(timeUs, state);
  }

  restart(): void {
    for (const log of this.logs.values()) log.restart();
  }

  clear(): void {
    for (const log of this.logs.values()) log.clear();
  }
}
