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
  /** The longest times between two pings: of this stretch of ticks, and of the one before. */
  private gaps: [number, number] = [0, 0];
  private ticks = 0;

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

  /** The longest that nothing could be sent from here, within the last 10 to 20 s. */
  get stoodStillMs(): number {
    const now = this.timer ? performance.now() - this.lastPing : 0;
    return Math.max(now, ...this.gaps) - PING_MS;
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private send(): void {
    const now = performance.now();
    if (this.lastPing > 0) this.gaps[0] = Math.max(this.gaps[0], now - this.lastPing);
    if (++this.ticks % SILENT_TICKS === 0) this.gaps = [0, this.gaps[0]];
    this.lastPing = now;
    this.ping();
  }
}
