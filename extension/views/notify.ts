/** Notifications: one at a time, only when something is to be known, always with what can be done. */
import * as vscode from 'vscode';

export interface Action {
  readonly title: string;
  run(): void;
}

export class Notifier {
  #showing = false;
  readonly #shown: string[] = [];

  constructor(private readonly log: vscode.LogOutputChannel) {}

  /** Messages of this window, oldest first; at most 50. For tests. */
  get history(): readonly string[] {
    return this.#shown;
  }

  error(message: string, ...actions: Action[]): void {
    this.log.error(message);
    this.#show(vscode.window.showErrorMessage, message, actions);
  }

  warn(message: string, ...actions: Action[]): void {
    this.log.warn(message);
    this.#show(vscode.window.showWarningMessage, message, actions);
  }

  info(message: string, ...actions: Action[]): void {
    this.log.info(message);
    this.#show(vscode.window.showInformationMessage, message, actions);
  }

  #show(
    show: (message: string, ...titles: string[]) => Thenable<string | undefined>,
    message: string,
    actions: readonly Action[],
  ): void {
    this.#shown.push(message);
    if (this.#shown.length > 50) this.#shown.shift();
    // A second one on top of the first tells nobody more; it is in the log, which the first leads to.
    if (this.#showing) return;
    this.#showing = true;
    const all = [...actions, { title: 'Show Log', run: () => this.log.show(true) }];
    const done = (title: string | undefined): void => {
      this.#showing = false;
      all.find((action) => action.title === title)?.run();
    };
    show(message, ...all.map((action) => action.title)).then(done, () => done(undefined));
  }
}
