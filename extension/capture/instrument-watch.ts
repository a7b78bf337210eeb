import { messageOf } from '../common/errors';
import type { Log } from '../common/log';
import { rawText } from '../common/outside';
import type { InstrumentState, ProbeSession } from '../probe/session';

/** An instrument that can be switched, as views see it. */
export interface WatchState {
  /** Somebody looks at what it sees. */
  readonly wanted: boolean;
  /** It is watching. */
  readonly on: boolean;
  /** Of one core. */
  readonly costPercent: number;
  /** Why it sees nothing, and what would change that; '' where it sees. */
  readonly missing: string;
}

/**
 * Has the probe switch an instrument on while somebody looks at what it sees, also a probe that is
 * started later. Values seen before stay.
 */
class InstrumentWatch {
  #session: ProbeSession | undefined;
  #wanted = false;
  /** The last wish that the probe was sent. */
  #asked = false;
  #asking = false;
  #refusal = '';
  #latest: InstrumentState | undefined;

  constructor(
    private readonly instrument: string,
    private readonly log: Log,
    private readonly changed: () => void,
  ) {}

  get state(): WatchState {
    const { on = false, costPercent = 0, missing = '' } = this.#latest ?? {};
    return {
      wanted: this.#wanted,
      on,
      costPercent: on ? costPercent : 0,
      missing: this.#refusal || missing,
    };
  }

  want(on: boolean): void {
    if (this.#wanted === on) return;
    this.#wanted = on;
    this.#refusal = '';
    void this.#settle();
    this.changed();
  }

  begin(session: ProbeSession): void {
    this.#session = session;
    this.#asked = false;
    this.#latest = undefined;
    this.#refusal = '';
    void this.#settle();
  }

  end(): void {
    this.#session = undefined;
    this.#asked = false;
    this.#latest = undefined;
  }

  heed(state: InstrumentState): void {
    this.#latest = state;
  }

  /** Asks until the probe was asked for what is wanted, which may change on the way. */
  async #settle(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    while (this.#session !== undefined && this.#asked !== this.#wanted) {
      const session = this.#session;
      const on = (this.#asked = this.#wanted);
      try {
        await session.watch(this.instrument, on);
      } catch (error) {
        const text = rawText(messageOf(error));
        this.log.warn(`${this.instrument} ${on ? 'not watched' : 'still watched'}: ${text}`);
        if (on && this.#session === session) this.#refusal = text;
      }
    }
    this.#asking = false;
    this.changed();
  }
}

/** All instruments that can be switched, by name. */
export class InstrumentWatches {
  private readonly watches = new Map<string, InstrumentWatch>();
  private session: ProbeSession | undefined;

  constructor(
    private readonly log: Log,
    private readonly changed: () => void,
  ) {}

  want(instrument: string, on: boolean): void {
    // Of one that nobody has wanted there is nothing to switch off.
    if (on || this.watches.has(instrument)) this.of(instrument).want(on);
  }

  state(instrument: string): WatchState {
    return this.of(instrument).state;
  }

  /** All of them together, of one core. */
  get costPercent(): number {
    return [...this.watches.values()].reduce((sum, { state }) => sum + state.costPercent, 0);
  }

  /** A trace runs now; whatever the probe was asked for before is over. */
  begin(session: ProbeSession): void {
    this.session = session;
    for (const watch of this.watches.values()) watch.begin(session);
  }

  /** The trace is over, or about to be started again. */
  end(): void {
    this.session = undefined;
    for (const watch of this.watches.values()) watch.end();
  }

  heed(states: readonly InstrumentState[]): void {
    for (const state of states) this.of(state.instrument).heed(state);
  }

  private of(instrument: string): InstrumentWatch {
    let watch = this.watches.get(instrument);
    if (watch === undefined) {
      watch = new InstrumentWatch(instrument, this.log, this.changed);
      this.watches.set(instrument, watch);
      if (this.session) watch.begin(this.session);
    }
    return watch;
  }
}
