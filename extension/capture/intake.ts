/** The one way from a session to a store, for the window and for the terminal. */
import { rawText } from '../common/outside';
import { messageOf } from '../common/errors';
import {
  ProbeError,
  type Health,
  type Notice,
  type ProbeSession,
  type Started,
  type StartOptions,
} from '../probe/session';
import type { ProfileBatch } from '../profile/frames';
import type { ProfileStore } from '../profile/store';
import { HealthCounts } from './health';
import { MemoryLog } from './memory-log';
import { WatchLogs } from './watch-log';

/** Each is called when the intake has done its own part. */
export interface IntakeEvents {
  /** A run has begun; its batches follow. */
  begun(started: Started): void;
  /** The store has it. */
  batch(batch: ProfileBatch): void;
  health(health: Health): void;
  notice(notice: Notice): void;
  /** Only of a recording: the samples so far were forgotten. */
  forgotten(): void;
  /** No more comes: the session is over, or sent what does not fit together. */
  closed(error: ProbeError | undefined): void;
}

export class Intake {
  /** Counts since the start, or since samples were forgotten. */
  readonly counts = new HealthCounts();
  readonly memory = new MemoryLog();
  /** The logs of instruments that were switched on. */
  readonly watched = new WatchLogs();
  /** Batches that came before the answer to `start`; undefined: none is awaited. */
  #early: ProfileBatch[] | undefined;
  #runs = 0;
  #ended = false;

  constructor(
    private readonly store: ProfileStore,
    private readonly events: IntakeEvents,
  ) {}

  /** Hears a session from now on: the first, or one that goes on for the one before. */
  listen(session: ProbeSession): void {
    if (this.#runs > 0) this.#restart();
    session.listen({
      batch: (batch) => this.#receive(session, batch),
      health: (health) => this.#heed(health),
      notice: (notice) => this.events.notice(notice),
      closed: (error) => this.events.closed(error),
      again: (started) => {
        this.#restart();
        this.#begin(started);
      },
      reset: () => {
        this.forget(session);
        this.events.forgotten();
      },
    });
  }

  /** Starts a trace of a session that is listened to. @throws ProbeError where it cannot be. */
  async start(session: ProbeSession, options: StartOptions): Promise<void> {
    // The first batch can come with the answer, before whoever waits for that goes on. It defines
    // what all that follow refer to.
    const early: ProfileBatch[] = (this.#early = []);
    try {
      this.#begin(await session.start(options));
    } finally {
      this.#early = undefined;
    }
    for (const batch of early) this.#receive(session, batch);
  }

  /** Forgets the samples so far, and what came with them. */
  forget(session: ProbeSession | undefined): void {
    session?.account.forgetRows();
    this.store.reset();
    this.memory.history.clear();
    this.watched.clear();
    this.counts.forget();
  }

  /** Batches that come later are left out: the profile stays as it is. */
  end(): void {
    this.#ended = true;
  }

  #begin(started: Started): void {
    this.#runs++;
    this.store.beginRun(started.startUnixMs);
    this.events.begun(started);
  }

  /** The counts of the next run begin at 0 again. */
  #restart(): void {
    this.counts.restart();
    this.watched.restart();
  }

  #receive(session: ProbeSession, batch: ProfileBatch): void {
    if (this.#ended) return;
    if (this.#early) {
      this.#early.push(batch);
      return;
    }
    try {
      this.store.add(batch);
    } catch (error) {
      // Whoever plays a recording takes it for the place where the file is damaged.
      if (session.recorded) throw error;
      this.#ended = true;
      this.events.closed(misfit(error));
      return;
    }
    this.events.batch(batch);
  }

  #heed(health: Health): void {
    this.counts.heed(health);
    this.watched.heed(this.store.timeUs, health.instruments);
    this.memory.heed(health, this.store);
    this.events.health(health);
  }
}

function misfit(error: unknown): ProbeError {
  return new ProbeError(
    'corrupt-stream',
    'The probe sent data that does not fit together, so the trace was ended. What came before is ' +
      'kept.',
    rawText(messageOf(error)),
  );
}
