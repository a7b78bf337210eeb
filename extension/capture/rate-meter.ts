/** Samples per second over the last few seconds of the profile's own time. */
export class RateMeter {
  #entries: { timeUs: number; count: number }[] = [];

  constructor(private readonly spanUs = 3_000_000) {}

  add(timeUs: number, count: number): void {
    this.#entries.push({ timeUs, count });
    const oldest = timeUs - this.spanUs;
    // The entry before the window stays: it says where the window's first interval begins.
    while (this.#entries.length > 2 && this.#entries[1]!.timeUs <= oldest) this.#entries.shift();
  }

  get perSecond(): number {
    const first = this.#entries[0];
    const last = this.#entries.at(-1);
    if (first === undefined || last === undefined || last.timeUs <= first.timeUs) return 0;
    const count = this.#entries.slice(1).reduce((sum, entry) => sum + entry.count, 0);
    return count / ((last.timeUs - first.timeUs) / 1e6);
  }

  clear(): void {
    this.#entries = [];
  }
}
