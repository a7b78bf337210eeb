/**
 * Notifications: one at a time, only when something is to be known, always with what can be done.
 */
import * as vscode from 'vscode';

export interface Action {
  readonly title: string;
  run(): void;
}

/** How long one is taken to be read. */
const READING_MS = 3000;

export class Notifier {
  #last = { message: '', at: -Infinity };
  readonly #shown: string[] = [];

  constructor(private readonly log: vscode.LogOutputChannel) {}

  /** Messages of this window, oldest first; at most 50. For tests. */
  get history(): readonly string[] {
    return this.#shown;
  }

  error(message: string, ...actions: Action[]): void {
    this.log.error(message);
    // The same news again tells nobody more; other failures do.
    if (this.#isBusy() && this.#last.message === message) return;
    this.#show(vscode.window.showErrorMessage, message, actions);
  }

  /** For what need not be read: it stays in the log where another message has just come up. */
  warn(message: string, ...actions: Action[]): void {
    this.log.warn(message);
    if (!this.#isBusy()) this.#show(vscode.window.showWarningMessage, message, actions);
  }

  /** For the answer to a command. */
  info(message: string, ...actions: Action[]): void {
    this.log.info(message);
    this.#show(vscode.window.showInformationMessage, message, actions);
  }

  #isBusy(): boolean {
    return performance.now() < this.#last.at + READING_MS;
  }

  #show(
    show: (message: string, ...titles: string[]) => Thenable<string | undefined>,
    message: string,
    actions: readonly Action[],
  ): void {
    this.#last = { message, at: performance.now() };
    this.#shown.push(message);
    if (this.#shown.length > 50) this.#shown.shift();
    const all = [...actions, { title: 'Show Log', run: () => this.log.show(true) }];
    show(message, ...all.map((action) => action.title)).then(
      (title) => all.find((action) => action.title === title)?.run(),
      () => undefined,
    );
  }
}
