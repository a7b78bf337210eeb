/** Words that VS Code shows by itself: notifications, dialogs, the status bar's message, the log. */
import * as vscode from 'vscode';
import { rawText, visible, type Outside } from '../common/outside';
import { plainText, type Plain } from '../common/plain';

export type Urgency = 'error' | 'warning' | 'information';

/** @returns which of the titles was pressed; undefined: none. */
export function notify(
  urgency: Urgency,
  message: Plain,
  titles: readonly Plain[],
): Thenable<string | undefined> {
  switch (urgency) {
    case 'error':
      return vscode.window.showErrorMessage(message, ...titles);
    case 'warning':
      return vscode.window.showWarningMessage(message, ...titles);
    case 'information':
      return vscode.window.showInformationMessage(message, ...titles);
  }
}

/** A dialog that stops all else. @returns whether the button was pressed. */
export async function confirm(question: Plain, detail: Plain, button: Plain): Promise<boolean> {
  const options = { modal: true, detail };
  return (await vscode.window.showWarningMessage(question, options, button)) === button;
}

/** A few seconds in the status bar, for what is no error. */
export function sayInPassing(message: Plain, forMs: number): void {
  vscode.window.setStatusBarMessage(message, forMs);
}

/** An error that VS Code shows itself, in the place of an editor that cannot be opened. */
export function shownError(error: unknown, words: Outside): Error {
  return new Error(plainText(words, 1000), { cause: error });
}

const MOST_LINES = 200;
const LONGEST_LINE = 4096;

/**
 * The output channel. It takes any text, since all of it goes through here: a line stays one line,
 * and further lines are indented, so that no host can write what looks like an entry of ours.
 */
export class LogChannel implements vscode.Disposable {
  private readonly channel: vscode.LogOutputChannel;

  constructor(name: string) {
    this.channel = vscode.window.createOutputChannel(name, { log: true });
  }

  trace(text: string | Outside): void {
    this.channel.trace(logText(text));
  }

  info(text: string | Outside): void {
    this.channel.info(logText(text));
  }

  warn(text: string | Outside): void {
    this.channel.warn(logText(text));
  }

  error(text: string | Outside): void {
    this.channel.error(logText(text));
  }

  show(): void {
    this.channel.show(true);
  }

  dispose(): void {
    this.channel.dispose();
  }
}

export function logText(text: string | Outside): string {
  const given = typeof text === 'string' ? text : rawText(text);
  const rows = given.slice(0, MOST_LINES * LONGEST_LINE).split(/\r?\n/, MOST_LINES);
  return rows.map((row) => visible(row.replaceAll('\t', ' '), LONGEST_LINE)).join('\n    ');
}
