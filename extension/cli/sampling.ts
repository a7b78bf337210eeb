import { isEmpty, visibleLine } from '../common/outside';
import { join } from 'node:path';
import { createEngine } from '../capture/engine-loader';
import { Intake } from '../capture/intake';
import { interruptions, rejoin } from '../capture/rejoin';
import {
  describeTarget,
  findTarget,
  isSameTarget,
  notThere,
  tracesAll,
  type ChosenTarget,
} from '../capture/target';
import type { Health, ProbeError, ProbeSession, Started, StartOptions } from '../probe';
import type { SharedZones } from '../profile/memory';
import { ProfileStore } from '../profile/store';
import type { WatchLogs } from '../capture/watch-log';
import type { FarEnd } from './far-end';
import type { Messages } from './terminal';

/** An instrument that works in bursts waits for the first. */
const SETTLING_SECONDS = 3;

export interface Sampled {
  readonly messages: Messages;
  /** Aborts when nobody wants to wait any more. */
  readonly signal: AbortSignal;
  /** Is called with each session before it samples: with one more after each interruption. */
  readonly begin?: (session: ProbeSession) => void;
}

/**
 * A session that samples into a store. Samples stay when the session ends, however it ends.
 */
export class Sampling {
  readonly store: ProfileStore;
  /** Names what is sampled, for people: "nginx 1.22.1, worker 1234". */
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

  private readonly messages: Messages;
  private readonly target: StartOptions['target'];
  private isRejoining = false;
  /** Resolves when it goes on, or has failed. */
  private settled: Promise<void> | undefined;
  private readonly over = new AbortController();
  /** Switched on in each session. */
  private instruments: readonly string[] = [];

  private constructor(
    private readonly farEnd: FarEnd,
    private readonly options: StartOptions,
    private readonly sampled: Sampled,
  ) {
    const { messages } = sampled;
    this.messages = messages;
    this.target = options.target;
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
        else this.closed(error);
      },
    });
  }

  /** @throws ProbeError where it cannot be started. */
  static async start(farEnd: FarEnd, options: StartOptions, sampled: Sampled): Promise<Sampling> {
    // A command's request holds more than the options.
    const { target, rateHz, budgetPercent, requestLabels } = options;
    const asked = { target, rateHz, budgetPercent, requestLabels };
    const sampling = new Sampling(farEnd, asked, sampled);
    const { session } = farEnd;
    const chosen = (sampling.chosen = findTarget(await session.list(), target));
    sampling.title =
      session.recorded?.target ?? (chosen ? describeTarget(chosen) : fallbackTitle(target));
    await sampling.sample(session);
    return sampling;
  }

  /** Switches instruments on, also in sessions that come in the place of this one. */
  async watch(instruments: readonly string[]): Promise<void> {
    this.instruments = instruments;
    for (const instrument of instruments) await this.farEnd.session.watch(instrument, true);
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

  /** The logs of instruments that were switched on. */
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
    this.over.abort();
    if (this.failure) return;
    try {
      if (this.isRejoining) await this.settled;
      if (!this.failure) await this.farEnd.session.stop();
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

  private async sample(session: ProbeSession): Promise<void> {
    this.sampled.begin?.(session);
    this.intake.listen(session);
    await this.intake.start(session, this.options);
  }

  private closed(error: ProbeError | undefined): void {
    // Whoever comes back hears of an end as well.
    if (this.isRejoining) return;
    const { reopen } = this.farEnd;
    if (error && reopen && this.started && interruptions.includes(error.kind))
      this.settled = this.comeBack(error, reopen);
    else this.fail(error);
  }

  private async comeBack(reason: ProbeError, reopen: NonNullable<FarEnd['reopen']>): Promise<void> {
    const { messages, chosen, target } = this;
    const signal = AbortSignal.any([this.sampled.signal, this.over.signal]);
    this.isRejoining = true;
    messages.say(reason.message);
    const onTry = (count: number, most: number): void =>
      messages.say(`Trying to go on: ${count} of ${most}.`);
    let isCut = reason.kind === 'connection-lost';
    const again = async (): Promise<void> => {
      const session = await reopen(isCut);
      isCut = true;
      const now = findTarget(await session.list(), target);
      if (chosen && !isSameTarget(chosen, now)) throw notThere(chosen);
      await this.sample(session);
      for (const instrument of this.instruments) await session.watch(instrument, true);
    };
    try {
      await rejoin(again, { signal, onTry });
      messages.say(`Going on. ${gapText(this.store.gaps)}`);
    } catch (error) {
      messages.detail(String(error));
      this.fail(reason);
    } finally {
      this.isRejoining = false;
    }
  }

  private fail(error: Error | undefined): void {
    this.failure ??= error;
    this.end();
  }
}

/** "7.2 s are missing, in 1 gap: …"; '' where nothing is. */
export function gapText(gaps: ProfileStore['gaps']): string {
  if (gaps.length === 0) return '';
  const seconds = gaps.reduce((sum, [from, to]) => sum + (to - from) / 1e6, 0).toFixed(1);
  const count = gaps.length === 1 ? '1 gap' : `${gaps.length} gaps`;
  return `${seconds} s are missing, in ${count}: nobody sampled there, as the connection was lost.`;
}

function fallbackTitle(target: StartOptions['target']): string {
  return 'pid' in target ? `process ${target.pid}` : `master ${target.master}`;
}
