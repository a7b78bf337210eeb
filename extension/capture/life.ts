import type { Log } from '../common/log';
import { isOver, isRecording, next, type CaptureEvent, type CaptureState } from './state';

/** The state of a capture, how long it has sampled, and why it ended. */
export class Life {
  /** Why it failed or stopped, or what the user should know; '' if nothing. */
  message = '';
  #state: CaptureState = 'idle';
  #startedAt: number | undefined;
  #endedAt: number | undefined;

  /** @param name for the log. */
  constructor(
    private readonly name: string,
    private readonly log: Log,
    private readonly changed: () => void,
  ) {}

  get state(): CaptureState {
    return this.#state;
  }

  get isOver(): boolean {
    return isOver(this.#state);
  }

  get isRecording(): boolean {
    return isRecording(this.#state);
  }

  /** Whether it ever sampled: an attach that failed has not. */
  get hasRun(): boolean {
    return this.#startedAt !== undefined;
  }

  get elapsedMs(): number {
    return this.#startedAt === undefined ? 0 : (this.#endedAt ?? Date.now()) - this.#startedAt;
  }

  /** Its time counts from now on. */
  startClock(): void {
    this.#startedAt = Date.now();
  }

  /**
   * @param effect runs before listeners hear of the new state.
   * @returns false where the event means nothing in this state.
   */
  step(event: CaptureEvent, effect?: () => void): boolean {
    const state = next(this.#state, event);
    if (state === undefined) return false;
    this.log.trace(`${this.name}: ${this.#state} -> ${state}`);
    this.#state = state;
    effect?.();
    this.changed();
    return true;
  }

  end(event: 'stop' | 'fail', message: string): void {
    const ended = this.step(event, () => {
      this.#endedAt = Date.now();
      this.message = message;
    });
    if (ended && message !== '') this.log.info(`${this.name} ended: ${message}`);
  }
}
