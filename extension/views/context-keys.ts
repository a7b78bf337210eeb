/** Tells VS Code which commands make sense now. */
import * as vscode from 'vscode';
import type { Captures } from '../capture/captures';
import type { Subscription } from '../common/emitter';
import { isOver, isRecording } from '../capture/state';

export class ContextKeys implements vscode.Disposable {
  readonly #subscription: Subscription;
  #capture: Subscription | undefined;

  constructor(private readonly captures: Captures) {
    this.#subscription = captures.onDidChangeActive(() => this.#follow());
    this.#follow();
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#capture?.dispose();
  }

  #follow(): void {
    this.#capture?.dispose();
    this.#capture = this.captures.active?.onDidChange((change) => {
      if (change === 'state') this.#set();
    });
    this.#set();
  }

  #set(): void {
    const { active } = this.captures;
    const state = active?.state ?? 'idle';
    const keys = {
      'acupoint.state': state,
      'acupoint.hasCapture': active?.target !== undefined,
      'acupoint.recording': isRecording(state),
      'acupoint.opened': active?.recorded !== undefined,
      'acupoint.live': state !== 'idle' && !isOver(state),
    };
    for (const [key, value] of Object.entries(keys)) {
      void vscode.commands.executeCommand('setContext', key, value);
    }
  }
}
