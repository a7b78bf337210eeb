import { isEmpty, rawText, visibleLine } from '../common/outside';
import { join } from 'node:path';
import { createEngine } from '../capture/engine-loader';
import { HealthCounts } from '../capture/health';
import { describeTarget, findTarget, type ChosenTarget } from '../capture/target';
import { WatchLogs } from '../capture/watch-log';
import {
  ProbeError,
  type Health,
  type ProbeSession,
  type Started,
  type StartOptions,
  type Target,
} from '../probe';
import type { SharedZones } from '../profile/memory';
import { ProfileStore } from '../profile/store';
import type { Messages } from './terminal';
import { messageOf } from '../remote/log';

/**
 * A session that samples into a store. What was captured stays when the session ends, however it
 * ends.
 */
export class Sampling {
  readonly store: ProfileStore;
  /** The last that was told. */
  zones: SharedZones | undefined;
  /** What instruments saw that were switched on. */
  readonly watched = new WatchLogs();
  /** What is sampled, for people: "nginx 1.22.1, worker 1234". */
  title = '';
  started: Started | undefined;
  /** undefined: the listing does not have what was asked for. */
  chosen: ChosenTarget | undefined;
  /** Why it ended by itself. */
  failure: Error | undefined;
  private startedAt = performance.now();
  private readonly counts = new HealthCounts();
  private forgottenUs = 0;
  private toldAt = -Infinity;
  private end: () => void = () => undefined;
  private readonly ended = new Promise<void>((resolve) => (this.end = resolve));

  private constructor(
    private readonly session: ProbeSession,
    private readonly target: Target,
    private readonly messages: Messages,
  ) {
    const addon = join(__dirname, 'acupoint.node');
    this.store = new ProfileStore(createEngine(addon, (text) => messages.detail(text)));
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
    sampling.listen();
    sampling.started = await session.start({ target, rateHz, budgetPercent, requestLabels });
    sampling.startedAt = performance.now();
    sampling.store.beginRun(sampling.started.startUnixMs);
    return sampling;
  }

  /** Whether these are all workers of their master. */
  get allWorkers(): boolean {
    return 'master' in this.target || this.chosen?.master.workers.length === 1;
  }

  /** Counts since the start, or since samples were forgotten. */
  get health(): Health | undefined {
    return this.counts.heard ? this.counts.now : undefined;
  }

  get elapsedSeconds(): number {
    return (performance.now() - this.startedAt) / 1000;
  }

  /** The time that the samples themselves are of. */
  get storedSeconds(): number {
    return (this.store.timeUs - this.forgottenUs) / 1e6;
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

  /** Stops and takes in the last batch. A session that is gone already has no more to give. */
  async stop(): Promise<void> {
    if (this.failure) return;
    try {
      await this.session.stop();
    } catch (error) {
      this.failure ??= error instanceof Error ? error : new Error(String(error));
    }
  }

  private listen(): void {
    this.session.listen({
      batch: (batch) => {
        if (this.failure) return;
        try {
          this.store.add(batch);
        } catch (error) {
          const detail = rawText(messageOf(error));
          this.fail(
            new ProbeError(
              'corrupt-stream',
              'The probe sent data that does not fit together, so the session was ended. ' +
                'What came before is kept.',
              detail,
            ),
          );
        }
      },
      health: (health) => {
        this.counts.heed(health);
        this.zones = health.zones ?? this.zones;
        this.watched.heed(this.store.timeUs, health.instruments);
        this.tellHealth(health);
      },
      notice: ({ kind, text, detail }) => {
        // All went as it should: nothing that a user of a pipeline needs to see.
        if (kind === 'vm-found') this.messages.detail(text);
        else this.messages.say(visibleLine(text, 4096));
        if (!isEmpty(detail)) this.messages.detail(detail);
      },
      closed: (error) => {
        // All that can be told of a recording's end has been told by what is in it.
        if (error?.kind === 'recording') this.messages.say(error.message);
        else this.fail(error);
      },
      again: ({ startUnixMs }) => {
        this.counts.restart();
        this.watched.restart();
        this.store.beginRun(startUnixMs);
      },
      reset: () => {
        this.counts.forget();
        this.forgottenUs = this.store.timeUs;
        this.watched.clear();
        this.store.reset();
        this.session.account.forgetRows();
      },
    });
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
