import * as vscode from 'vscode';
import type { Captures } from '../capture/captures';
import type { Subscription } from '../capture/emitter';
import { statusFacts } from './facts';
import { statusItem } from './status-text';

/** Health comes about once a second, and states change rarely: no timer is needed. */
export class StatusBar implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem(
    'acupoint.status',
    vscode.StatusBarAlignment.Left,
    10,
  );
  readonly #subscription: Subscription;
  #capture: Subscription | undefined;

  constructor(private readonly captures: Captures) {
    this.#item.name = 'Acupoint Tracer';
    this.#item.command = 'acupoint.menu';
    this.#subscription = captures.onDidChangeActive(() => this.#follow());
    this.#follow();
  }

  /** What is shown now; '' if nothing is. For tests. */
  get text(): string {
    return this.captures.active === undefined ? '' : this.#item.text;
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#capture?.dispose();
    this.#item.dispose();
  }

  #follow(): void {
    this.#capture?.dispose();
    this.#capture = this.captures.active?.onDidChange((change) => {
      if (change !== 'samples') this.#show();
    });
    this.#show();
  }

  #show(): void {
    const { active } = this.captures;
    const item = statusItem(active && statusFacts(active));
    if (item === undefined) {
      this.#item.hide();
      return;
    }
    this.#item.text = item.text;
    this.#item.tooltip = item.tooltip.join('\n');
    this.#item.backgroundColor = item.warning
      ? new vscode.ThemeColor('statusBarItem.warningBackground')
      : undefined;
    this.#item.show();
  }
}
