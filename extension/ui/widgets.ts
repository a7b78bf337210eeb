/** Widgets that stay on the screen: status bar, tabs, and what stands in a text editor. */
import * as vscode from 'vscode';
import { lines, type Plain } from '../common/plain';
import { withIcon } from './questions';

export class StatusBarItem implements vscode.Disposable {
  private readonly item: vscode.StatusBarItem;

  constructor(id: string, name: Plain, command: string) {
    this.item = vscode.window.createStatusBarItem(id, vscode.StatusBarAlignment.Left, 10);
    this.item.name = name;
    this.item.command = command;
  }

  get text(): string {
    return this.item.text;
  }

  get tooltip(): string {
    return typeof this.item.tooltip === 'string' ? this.item.tooltip : '';
  }

  show(icon: string, text: Plain, tooltip: readonly Plain[], warning: boolean): void {
    this.item.text = withIcon(icon, text);
    this.item.tooltip = lines(tooltip);
    this.item.backgroundColor = warning
      ? new vscode.ThemeColor('statusBarItem.warningBackground')
      : undefined;
    this.item.show();
  }

  hide(): void {
    this.item.hide();
  }

  dispose(): void {
    this.item.dispose();
  }
}

/**
 * A tab with a page of ours. It is not kept while hidden: it comes back from its state, with current
 * data, and costs nothing till then.
 */
export function openTab(
  viewType: string,
  title: Plain,
  preserveFocus = false,
): vscode.WebviewPanel {
  return vscode.window.createWebviewPanel(
    viewType,
    title,
    { viewColumn: vscode.ViewColumn.Active, preserveFocus },
    { retainContextWhenHidden: false },
  );
}

export function retitle(panel: vscode.WebviewPanel, title: Plain): void {
  if (panel.title !== title) panel.title = title;
}

export interface LensCommand {
  readonly title: Plain;
  readonly tooltip: Plain;
  readonly command: string;
  readonly arguments: unknown[];
}

/** @param line from 0. */
export function codeLens(line: number, command: LensCommand): vscode.CodeLens {
  return new vscode.CodeLens(new vscode.Range(line, 0, line, 0), command);
}

/** Paragraphs of text: a hover is Markdown, and nothing of it may be read as that. */
export function hover(paragraphs: readonly Plain[]): vscode.Hover {
  const text = new vscode.MarkdownString(paragraphs.map(escapeMarkdown).join('\n\n'));
  return new vscode.Hover(text);
}

export function escapeMarkdown(text: Plain): string {
  return text
    .replace(/\s+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_{}[\]()#+\-.!|>~$:@]/g, '\\$&');
}

/** @param text stands behind the range. */
export function textBehind(range: vscode.Range, text: Plain): vscode.DecorationOptions {
  return { range, renderOptions: { after: { contentText: text } } };
}
