/**
 * Notifications: one at a time, only when something is to be known, always with what can be done.
 */
import { plain, type Plain } from '../common/plain';
import { notify, type LogChannel, type Urgency } from '../ui/messages';

export interface Action {
  readonly title: Plain;
  run(): void;
}

/** How long one is taken to be read. */
const READING_MS = 3000;

export class Notifier {
  #last: { message: string; at: number } = { message: '', at: -Infinity };
  readonly #shown: string[] = [];

  constructor(private readonly log: LogChannel) {}

  /** Messages of this window, oldest first; at most 50. For tests. */
  get history(): readonly string[] {
    return this.#shown;
  }

  error(message: Plain, ...actions: Action[]): void {
    this.log.error(message);
    // The same news again tells nobody more; other failures do.
    if (this.#isBusy() && this.#last.message === message) return;
    this.#show('error', message, actions);
  }

  /** For what need not be read: it stays in the log where another message has just come up. */
  warn(message: Plain, ...actions: Action[]): void {
    this.log.warn(message);
    if (!this.#isBusy()) this.#show('warning', message, actions);
  }

  /** For the answer to a command. */
  info(message: Plain, ...actions: Action[]): void {
    this.log.info(message);
    this.#show('information', message, actions);
  }

  #isBusy(): boolean {
    return performance.now() < this.#last.at + READING_MS;
  }

  #show(urgency: Urgency, message: Plain, actions: readonly Action[]): void {
    this.#last = { message, at: performance.now() };
    this.#shown.push(message);
    if (this.#shown.length > 50) this.#shown.shift();
    const all = [...actions, { title: plain`Show Log`, run: () => this.log.show() }];
    const titles = all.map((action) => action.title);
    notify(urgency, message, titles).then(
      (title) => all.find((action) => action.title === title)?.run(),
      () => undefined,
    );
  }
}
