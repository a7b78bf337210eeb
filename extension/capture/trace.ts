import type { Log } from '../common/log';
import type { MasterProcess, SamplerKind, Started, StartOptions } from '../probe/session';
import type { Transport } from '../remote';
import { RateMeter } from './rate-meter';
import { requestOf, type ChosenTarget } from './target';
import { WorkerClock } from './worker-clock';

/** The user's wishes for what the trace does and costs. */
export type TraceLimits = Pick<StartOptions, 'rateHz' | 'budgetPercent' | 'requestLabels'>;

/** The processes that a capture traces, by which sampler, and at which rate. */
export class Trace {
  /** The limits asked for; the rate in force may be lower, as the health says. */
  limits: TraceLimits = { rateHz: 0, budgetPercent: 0, requestLabels: false };
  /** Pids that are traced now. */
  workers: readonly number[] = [];
  /** Costs of the sampler and what it does not see, where it is not the best there is; else ''. */
  samplerNote = '';
  readonly rate = new RateMeter();
  #target: ChosenTarget | undefined;
  #sampler: SamplerKind = 'none';
  #clock: WorkerClock | undefined;

  /** undefined: none is chosen yet. */
  get target(): ChosenTarget | undefined {
    return this.#target;
  }

  get sampler(): SamplerKind {
    return this.#sampler;
  }

  /** When the oldest of the traced workers started; undefined: not known. */
  get workersStartedMs(): number | undefined {
    return this.#clock?.oldestStartMs(this.workers);
  }

  /** @returns the options that start it. */
  choose(target: ChosenTarget, limits: TraceLimits, transport: Transport): StartOptions {
    this.#target = target;
    this.limits = limits;
    this.#clock = new WorkerClock(transport, target.master);
    return { target: requestOf(target), ...limits };
  }

  begun({ sampler, pids }: Started): void {
    this.#sampler = sampler;
    this.workers = pids;
  }

  /** Asks the host when it was booted. */
  readClock(log: Log, done: () => void): void {
    this.#clock?.read(log, done);
  }

  /** A reload has brought workers. */
  refreshClock(list: () => Promise<MasterProcess[]>, log: Log): void {
    this.#clock?.refresh(list, log);
  }
}
