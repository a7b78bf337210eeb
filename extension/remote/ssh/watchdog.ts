/** A time limit for the other side, that does not run while a person thinks. */
export class Watchdog {
  private timer: NodeJS.Timeout | undefined;
  private held = 0;
  private stopped = false;

  constructor(
    private readonly limitMs: number,
    private readonly bite: () => void,
  ) {
    this.kick();
  }

  /** The other side did something: the time starts again. */
  kick(): void {
    clearTimeout(this.timer);
    if (!this.stopped && this.held === 0) this.timer = setTimeout(this.bite, this.limitMs);
  }

  /** Waits for what is not the other side's to do, such as a person, for as long as it takes. */
  async during<T>(question: Promise<T>): Promise<T> {
    this.held++;
    clearTimeout(this.timer);
    try {
      return await question;
    } finally {
      this.held--;
      this.kick();
    }
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }
}
