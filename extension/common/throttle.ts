/** Runs `work` soon after it is asked for, never twice at once, and at most once an interval. */
export class Throttle {
  #timer: NodeJS.Timeout | undefined;
  #running = false;
  #again = false;
  #lastStart = -Infinity;
  #disposed = false;

  constructor(
    private readonly intervalMs: number,
    private readonly work: () => Promise<void>,
  ) {}

  ask(): void {
    if (this.#disposed || this.#timer !== undefined) return;
    if (this.#running) {
      this.#again = true;
      return;
    }
    const wait = Math.max(0, this.#lastStart + this.intervalMs - performance.now());
    this.#timer = setTimeout(() => void this.#run(), wait);
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    this.#timer = undefined;
    this.#running = true;
    this.#lastStart = performance.now();
    try {
      await this.work();
    } finally {
      this.#running = false;
      if (this.#again) {
        this.#again = false;
        this.ask();
      }
    }
  }
}
