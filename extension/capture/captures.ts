import { Emitter } from '../common/emitter';
import type { Capture } from './capture';
import { isOver } from './state';

/** The captures of this window. The active one is what commands, status bar and editor speak of. */
export class Captures {
  readonly #all: Capture[] = [];
  #active: Capture | undefined;
  readonly #changes = new Emitter<Capture | undefined>();
  /** The active capture is another one, or there is none any more. */
  readonly onDidChangeActive = this.#changes.on;

  get all(): readonly Capture[] {
    return this.#all;
  }

  get active(): Capture | undefined {
    return this.#active;
  }

  add(capture: Capture): void {
    this.#all.push(capture);
    this.activate(capture);
  }

  activate(capture: Capture): void {
    if (this.#active === capture || !this.#all.includes(capture)) return;
    this.#active = capture;
    this.#changes.fire(capture);
  }

  /** Ends it if it still runs, and forgets it. */
  async remove(capture: Capture): Promise<void> {
    const index = this.#all.indexOf(capture);
    if (index < 0) return;
    this.#all.splice(index, 1);
    if (this.#active === capture) {
      this.#active = this.#all.at(-1);
      this.#changes.fire(this.#active);
    }
    if (!isOver(capture.state)) await capture.stop();
  }

  /** For the end of the window: what runs on hosts is ended, all at once. */
  async stopAll(): Promise<void> {
    await Promise.allSettled(this.#all.map((capture) => capture.stop()));
  }
}
