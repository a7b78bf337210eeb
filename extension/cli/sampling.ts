import { isEmpty, visibleLine } from '../common/outside';
import { join } from 'node:path';
import { createEngine } from '../capture/engine-loader';
import { Intake } from '../capture/intake';
import { describeTarget, findTarget, tracesAll, type ChosenTarget } from '../capture/target';
import type { Health, ProbeSession, Started, StartOptions, Target } from '../probe';
import type { SharedZones } from '../profile/memory';
import { ProfileStore } from '../profile/store';
import type { WatchLogs } from '../capture/watch-log';
import type { Messages } from './terminal';

/** An instrument that works in bursts waits for the first. */
const SETTLING_SECONDS = 3;

/**
 * A session that samples into a store. What was captured stays when the session ends, however it
 * ends.
 */
export class Sampling {
  readonly store: ProfileStore;
  /** What is sampled, for people: "nginx 1.22.1, worker 1234". */
  title = '';
  started: Started | undefined;
  /** undefined: the listing does not have what was asked for. */
  chosen: ChosenTarget | undefined;
  /** Why it ended by itself. */
  failure: Error | undefined;
  private startedAt = performance.now();
  private readonly intake: Intake;
  private forgottenUs = 0;
  /** Of the quickest batch, by both clocks: from the end of its interval until it was here. */
  private delayMs = Infinity;
  private toldAt = -Infinity;
  private heard: () => void = () => undefined;
  private end: () => void = () => undefined;
  private readonly ended = new Promise<void>((resolve) => (this.end = resolve));

  private constructor(
    private readonly session: ProbeSession,
    private readonly target: Target,
    private readonly messages: Messages,
  ) {
    const addon = join(__dirname, 'acupoint.node');
    this.store = new ProfileStore(createEngine(addon, (text) => messages.detail(text)));
    this.intake = new Intake(this.store, {
      begun: (started) => {
        if (this.started === undefined) this.startedAt = performance.now();
        this.started = started;
      },
      batch: () => {
        this.delayMs = Math.min(this.delayMs, Date.now() - this.storedToMs);
      },
      health: (health) => {
        this.tellHealth(health);
        this.heard();
      },
      notice: ({ kind, text, detail }) => {
        // All went as it should: nothing that a user of a pipeline needs to see.
        if (kind === 'vm-found') messages.detail(text);
        else messages.say(visibleLine(text, 4096));
        if (!isEmpty(detail)) messages.detail(detail);
      },
      forgotten: () => (this.forgottenUs = this.store.timeUs),
      closed: (error) => {
        // All that can be told of a recording's end has been told by what is in it.
        if (error?.kind === 'recording') messages.say(error.message);
        else this.fail(error);
      },
    });
  }

  /** @throws ProbeError where it cannot be started. */
  static async start(
    session: ProbeSession,
    options: StartOptions,
    messages: Messages,
  ): Promise<Sampling> {
    const { target, rateHz, budgetPercent, requestLabels } = options;
    const sampling = new Sampling(session, target, messages);
    const chosen = (sampling.chosen = findTarget(await session.list(), target));
    sampling.title =
      session.recorded?.target ?? (chosen ? describeTarget(chosen) : fallbackTitle(target));
    sampling.intake.listen(session);
    await sampling.intake.start(session, { target, rateHz, budgetPercent, requestLabels });
    return sampling;
  }

  /** Whether these are all workers of their master. */
  get allWorkers(): boolean {
    return 'master' in this.target || (this.chosen !== undefined && tracesAll(this.chosen));
  }

  /** Counts since the start, or since samples were forgotten. */
  get health(): Health | undefined {
    const { counts } = this.intake;
    return counts.heard ? counts.now : undefined;
  }

  /** The last that was told. */
  get zones(): SharedZones | undefined {
    return this.intake.memory.zones;
  }

  /** What instruments saw that were switched on. */
  get watched(): WatchLogs {
    return this.intake.watched;
  }

  get elapsedSeconds(): number {
    return (performance.now() - this.startedAt) / 1000;
  }

  /** The time that the samples themselves are of. */
  get storedSeconds(): number {
    return (this.store.timeUs - this.forgottenUs) / 1e6;
  }

  /** Wall clock of the host at the first and the last samples that are there. */
  get storedFromMs(): number {
    return (this.store.startUnixMs ?? 0) + this.forgottenUs / 1000;
  }

  get storedToMs(): number {
    return (this.store.startUnixMs ?? 0) + this.store.timeUs / 1000;
  }

  /** Wall clock of the host when the clock here was this. */
  hostMs(localMs: number): number {
    return localMs - (Number.isFinite(this.delayMs) ? this.delayMs : 0);
  }

  /** Seconds count from now on: everything that was asked for is on. */
  startClock(): void {
    this.startedAt = performance.now();
  }

  /** Resolves when the session has ended by itself, the signal says so, or after `seconds`. */
  async until(seconds: number, signal: AbortSignal): Promise<void> {
    const left = seconds * 1000 - (performance.now() - this.startedAt);
    if (left <= 0 || signal.aborted) return;
    let timer: NodeJS.Timeout | undefined;
    let stop: () => void = () => undefined;
    const time = new Promise<void>((resolve) => {
      stop = resolve;
      // A timer holds 24 days at most; nobody waits longer.
      if (left < 2 ** 31) timer = setTimeout(resolve, left);
    });
    signal.addEventListener('abort', stop);
    await Promise.race([time, this.ended]);
    signal.removeEventListener('abort', stop);
    clearTimeout(timer);
  }

  /** Resolves when these instruments see, or say why not, and after some seconds at the latest. */
  async untilWatching(instruments: readonly string[], signal: AbortSignal): Promise<void> {
    if (instruments.length === 0) return;
    const settled = new AbortController();
    this.heard = () => {
      if (instruments.every((name) => this.watched.of(name).settled)) settled.abort();
    };
    await this.until(
      this.elapsedSeconds + SETTLING_SECONDS,
      AbortSignal.any([signal, settled.signal]),
    );
    this.heard = () => undefined;
  }

  /** Stops and takes in the last batch. A session that is gone already has no more to give. */
  async stop(): Promise<void> {
    if (this.failure) return;
    try {
      await this.session.stop();
    } catch (error) {
      this.failure ??= error instanceof Error ? error : new Error(String(error));
    }
  }

  /** A probe says it once a second. */
  private tellHealth({ samples, lost }: Health): void {
    if (performance.now() < this.toldAt + 500) return;
    this.toldAt = performance.now();
    this.messages.detail(`sampled ${samples}, lost ${lost}`);
  }

  private fail(error: Error | undefined): void {
    this.failure ??= error;
    this.end();
  }
}

function fallbackTitle(target: Target): string {
  return 'pid' in target ? `process ${target.pid}` : `master ${target.master}`;
}
