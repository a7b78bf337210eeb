import * as vscode from 'vscode';
import { lensTitle, pluginTitle } from './format';
import type { EditorProfile } from './profile';
import { editorSettings, type EditorSettings } from './settings';
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
    return [...(await this.#plugin(document)), ...(await this.#functions(document, settings))];
  }

  /** At the top of a plugin's handler: what the plugin costs, wherever its code stands. */
  async #plugin(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    const plugin = await this.profile.plugin(document);
    if (plugin === undefined) return [];
    const { name, share, measure, cost, capture } = plugin;
    return [
      new vscode.CodeLens(new vscode.Range(0, 0, 0, 0), {
        title: pluginTitle(name, share, measure, cost),
        tooltip: 'Show only this plugin in the flame graph',
        command: 'acupoint.focusPlugin',
        arguments: [name, capture.id],
      }),
    ];
  }

  async #functions(
    document: vscode.TextDocument,
    settings: EditorSettings,
  ): Promise<vscode.CodeLens[]> {
    const profile = await this.profile.of(document);
    if (profile === undefined) return [];
    return profile.functions
      .filter((each) => each.total >= settings.threshold && each.line <= document.lineCount)
      .map((each) => {
        const at = new vscode.Range(each.line - 1, 0, each.line - 1, 0);
        const cost = profile.allocated?.byLine.get(each.line) ?? '';
        return new vscode.CodeLens(at, {
          title: lensTitle(each, profile.freshness, profile.measure, cost),
          tooltip: cost === '' ? find : `${find}; bytes are estimated from short bursts`,
          command: 'acupoint.revealFunction',
          arguments: [each.functionIds[0], profile.capture.id],
        });
      });
  }
}

const find = 'Find this function in the flame graph';

function key(document: vscode.TextDocument): string {
  return document.uri.toString();
}
