import * as vscode from 'vscode';
import { lensTitle } from './format';
import type { EditorProfile } from './profile';
import { editorSettings } from './settings';
import { Telling } from './telling';

/** The share of each function that took part, above it. */
export class FunctionLenses implements vscode.CodeLensProvider, vscode.Disposable {
  readonly #changes = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#changes.event;
  readonly #telling = new Telling();
  readonly #subscriptions: vscode.Disposable[];

  constructor(private readonly profile: EditorProfile) {
    this.#subscriptions = [
      profile.onDidChange(() => {
        const shown = vscode.window.visibleTextEditors.map(({ document }) => key(document));
        if (this.#telling.isDue(shown)) this.#changes.fire();
      }),
      vscode.workspace.onDidCloseTextDocument((document) => this.#telling.closed(key(document))),
      this.#changes,
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    this.#telling.asked(key(document));
    const settings = editorSettings(document.uri);
    if (!settings.codeLens) return [];
    const profile = await this.profile.of(document);
    if (profile === undefined) return [];
    return profile.functions
      .filter((each) => each.total >= settings.threshold && each.line <= document.lineCount)
      .map((each) => {
        const at = new vscode.Range(each.line - 1, 0, each.line - 1, 0);
        return new vscode.CodeLens(at, {
          title: lensTitle(each, profile.freshness),
          tooltip: 'Find this function in the flame graph',
          command: 'acupoint.revealFunction',
          arguments: [each.functionIds[0], profile.capture.id],
        });
      });
  }
}

function key(document: vscode.TextDocument): string {
  return document.uri.toString();
}
