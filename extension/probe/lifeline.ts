/** A probe that hears nothing for 1700 ms ends itself. */
const PING_MS = 300;
/** Ticks without a byte from the probe, about 10 s, after which the connection counts as lost. */
const SILENT_TICKS = 33;

/**
 * Keeps the probe alive by pings and notices when nothing comes back. Silence is counted in ticks
 * and not by the clock: while this process is held up nothing can be heard, and that is not the
 * probe's fault.
 */
export class Lifeline {
  private timer: NodeJS.Timeout | undefined;
  private lastPing = 0;
  private silent = 0;

  constructor(
    private readonly ping: () => void,
    private readonly lost: () => void,
  ) {}

  start(): void {
    this.timer = setInterval(() => {
      this.send();
      if (++this.silent === SILENT_TICKS) this.lost();
    }, PING_MS);
    this.send();
  }

  /** To be called for all that arrives, also between two messages of one chunk. */
  heard(): void {
    this.silent = 0;
    // A slow consumer holds up the timer; the ping is sent from here then.
    if (this.timer && performance.now() - this.lastPing >= PING_MS) this.send();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private send(): void {
    this.lastPing = performance.now();
    this.ping();
  }
}
