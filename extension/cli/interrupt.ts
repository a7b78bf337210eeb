import { constants } from 'node:os';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Turns the signals that end a program into a wish to end: work in progress is finished and
 * written. The second one ends at once; the probe does so too when its input ends.
 */
export class Interrupt {
  private readonly controller = new AbortController();
  private code = 0;

  constructor() {
    for (const name of signals) process.on(name, () => this.raise(128 + constants.signals[name]));
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /**
   * The exit code that a shell expects of a program that ended so: 130 after Ctrl-C; 0: it was not
   * interrupted.
   */
  get exitCode(): number {
    return this.code;
  }

  /** Ctrl-C where the terminal is in raw mode and makes no signal of it. */
  ctrlC(): void {
    this.raise(128 + constants.signals.SIGINT);
  }

  private raise(code: number): void {
    if (this.code !== 0) process.exit(code);
    this.code = code;
    this.controller.abort();
  }
}
