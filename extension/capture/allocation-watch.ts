import { rawText } from '../common/outside';
import type { AllocationBursts, ProbeSession } from '../probe/session';
import type { Log } from '../common/log';
import { messageOf } from '../common/errors';

/** Watching allocations, as views see it. */
export interface AllocationState {
  /** Somebody looks at them. */
  readonly wanted: boolean;
  /** Bursts are being taken. */
  readonly on: boolean;
  /** Of one core. */
  readonly costPercent: number;
  /** Why they cannot be watched, and what would change that; '' where they can. */
  readonly missing: string;
}

/**
 * Has the probe watch allocations while somebody looks at them, also one that is started anew.
 */
export class AllocationWatch {
  #session: ProbeSession | undefined;
  #wanted = false;
  /** What the probe was asked for last. */
  #asked = false;
  #asking = false;
  #refusal = '';
  #latest: AllocationBursts | undefined;

  constructor(
    private readonly log: Log,
    private readonly changed: () => void,
  ) {}

  get state(): AllocationState {
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

  /** A trace runs now; whatever the probe was asked for before is over. */
  begin(session: ProbeSession): void {
    this.#session = session;
    this.#asked = false;
    this.#latest = undefined;
    this.#refusal = '';
    void this.#settle();
  }

  /** The trace is over, or about to be started anew. */
  end(): void {
    this.#session = undefined;
    this.#asked = false;
    this.#latest = undefined;
  }

  /** @param bursts undefined: there is nothing new. */
  heed(bursts: AllocationBursts | undefined): void {
    if (bursts !== undefined) this.#latest = bursts;
  }

  /** Asks until the probe was asked for what is wanted: that may change meanwhile. */
  async #settle(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    while (this.#session !== undefined && this.#asked !== this.#wanted) {
      const session = this.#session;
      const on = (this.#asked = this.#wanted);
      try {
        await session.watchAllocations(on);
      } catch (error) {
        const text = rawText(messageOf(error));
        this.log.warn(`allocations ${on ? 'not watched' : 'still watched'}: ${text}`);
        if (on && this.#session === session) this.#refusal = text;
      }
    }
    this.#asking = false;
    this.changed();
  }
}
