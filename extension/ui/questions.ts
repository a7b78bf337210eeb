/** Questions that VS Code asks for us: a text, one of several, a file; and how far something is. */
import * as vscode from 'vscode';
import type { Plain } from '../common/plain';

export interface Question {
  readonly title: Plain;
  readonly prompt: Plain;
  /** The typed text is not shown. */
  readonly secret: boolean;
  /** Says what was wrong with the answer before. */
  readonly complaint?: Plain;
}

/** An input box; it is to be shown, and disposed of. */
export function inputBox({ title, prompt, secret, complaint }: Question): vscode.InputBox {
  const box = vscode.window.createInputBox();
  box.title = title;
  box.prompt = prompt;
  box.password = secret;
  // A password manager or another window may need the focus in between.
  box.ignoreFocusOut = true;
  if (complaint !== undefined) box.validationMessage = complaint;
  box.onDidChangeValue(() => (box.validationMessage = undefined));
  return box;
}

/** @returns what was typed; undefined: nothing was, or nobody waits for it any more. */
export function askText(signal: AbortSignal, question: Question): Promise<string | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  const box = inputBox(question);
  return new Promise((resolve) => {
    const finish = (answer: string | undefined): void => {
      signal.removeEventListener('abort', abort);
      resolve(answer);
      box.dispose();
    };
    const abort = (): void => finish(undefined);
    signal.addEventListener('abort', abort);
    box.onDidAccept(() => finish(box.value));
    box.onDidHide(() => finish(undefined));
    box.show();
  });
}

/** A row of a quick pick. */
export interface Choice<T> {
  /** Name of one of VS Code's icons. */
  readonly icon?: string;
  readonly label: Plain;
  readonly description?: Plain;
  readonly detail?: Plain;
  /** It cannot be chosen, and only heads those below. */
  readonly separator?: boolean;
  /** It stays whatever is typed. */
  readonly alwaysShow?: boolean;
  readonly value?: T;
}

interface Row<T> extends vscode.QuickPickItem {
  readonly value: T | undefined;
}

/** @returns what was chosen; undefined: nothing was. */
export async function choose<T>(
  choices: readonly Choice<T>[],
  options: { readonly title: Plain; readonly placeHolder?: Plain },
): Promise<T | undefined> {
  const chosen = await vscode.window.showQuickPick(choices.map(row), options);
  return chosen?.value;
}

/** A quick pick whose rows change while it is open. */
export class Picker<T> {
  private readonly pick = vscode.window.createQuickPick<Row<T>>();
  readonly onDidChangeValue = this.pick.onDidChangeValue;
  readonly onDidHide = this.pick.onDidHide;
  readonly onDidTriggerButton = this.pick.onDidTriggerButton;

  constructor(title: Plain, placeholder: Plain, options: Partial<PickerOptions> = {}) {
    this.pick.title = title;
    this.pick.matchOnDescription = true;
    this.hint(placeholder);
    Object.assign(this.pick, options);
  }

  /** Stands where nothing is typed yet. */
  hint(text: Plain): void {
    this.pick.placeholder = text;
  }

  set busy(busy: boolean) {
    this.pick.busy = busy;
  }

  set choices(choices: readonly Choice<T>[]) {
    this.offer(choices);
  }

  /** @param active one of them, which Enter takes; absent: the one that fits best. */
  offer(choices: readonly Choice<T>[], active?: Choice<T>): void {
    this.pick.items = choices.map(row);
    const chosen = active && this.pick.items[choices.indexOf(active)];
    if (chosen !== undefined) this.pick.activeItems = [chosen];
  }

  get typed(): string {
    return this.pick.value;
  }

  /** undefined: the row has no value. */
  onDidAccept(take: (value: T | undefined) => void): void {
    this.pick.onDidAccept(() => take(this.pick.selectedItems[0]?.value));
  }

  show(): void {
    this.pick.show();
  }

  hide(): void {
    this.pick.hide();
  }

  dispose(): void {
    this.pick.dispose();
  }
}

interface PickerOptions {
  readonly matchOnDetail: boolean;
  readonly ignoreFocusOut: boolean;
  readonly buttons: readonly vscode.QuickInputButton[];
}

/** @param icon name of one of VS Code's. */
export function button(icon: string, tooltip: Plain): vscode.QuickInputButton {
  return { iconPath: new vscode.ThemeIcon(icon), tooltip };
}

/** As VS Code takes it: the icon is ours, and its syntax is nowhere else. */
function row<T>(choice: Choice<T>): Row<T> {
  const { icon, label, description, detail, separator, alwaysShow, value } = choice;
  return {
    label: withIcon(icon, label),
    ...(description === undefined ? {} : { description }),
    ...(detail === undefined ? {} : { detail }),
    ...(separator === true ? { kind: vscode.QuickPickItemKind.Separator } : {}),
    ...(alwaysShow === undefined ? {} : { alwaysShow }),
    value,
  };
}

export function withIcon(icon: string | undefined, text: Plain): string {
  return icon === undefined ? text : `$(${icon}) ${text}`;
}

export interface Progress {
  /** @param increment of 100. */
  report(message: Plain, increment?: number): void;
}

/** Shows in a notification how far the work is, and lets it be cancelled where it can be. */
export function withProgress<T>(
  title: Plain,
  work: (progress: Progress, cancelled: AbortSignal) => Promise<T>,
  cancellable = true,
): Promise<T> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title,
    cancellable,
  };
  const shown = vscode.window.withProgress(options, (bar, token) => {
    const cancel = new AbortController();
    token.onCancellationRequested(() => cancel.abort());
    const report = (message: Plain, increment?: number): void =>
      bar.report({ message, ...(increment === undefined ? {} : { increment }) });
    return work({ report }, cancel.signal);
  });
  return Promise.resolve(shown);
}

/** @param name of the file, without a folder: {@link fileName} makes one. */
export async function askWhereToSave(
  title: Plain,
  saveLabel: Plain,
  name: string,
): Promise<vscode.Uri | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const safe = fileName(name);
  const defaultUri =
    folder === undefined ? vscode.Uri.file(safe) : vscode.Uri.joinPath(folder, safe);
  return vscode.window.showSaveDialog({ title, saveLabel, defaultUri });
}

export async function askWhichToOpen(
  title: Plain,
  filters: Record<string, string[]>,
): Promise<vscode.Uri | undefined> {
  const chosen = await vscode.window.showOpenDialog({ title, filters });
  return chosen?.[0];
}

/** Letters, digits, dots and dashes: no folder, no hidden file, and nothing that a shell reads. */
export function fileName(text: string): string {
  return (
    text
      .slice(0, 200)
      .replace(/[^A-Za-z0-9_.-]+/g, '-')
      .replace(/^[.-]+/, '') || 'acupoint'
  );
}
