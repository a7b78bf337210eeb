import * as vscode from 'vscode';
import { plain } from '../common/plain';
import { codeLens } from '../ui/widgets';
import { lensTitle, pluginTitle } from './format';
import { otherCodeText } from './other-code';
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
      codeLens(0, {
        title: pluginTitle(name, share, measure, cost),
        tooltip: plain`Show only this plugin in the flame graph`,
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
    const other =
      profile.otherCode === 0
        ? []
        : [
            codeLens(0, {
              title: plain`${otherCodeText(profile.otherCode)}`,
              tooltip: plain`A reload brought other code while this was captured: the flame graph has both, each under its own names`,
              command: '',
              arguments: [],
            }),
          ];
    const own = profile.functions
      .filter((each) => each.total >= settings.threshold && each.line <= document.lineCount)
      .map((each) => {
        const cost = profile.allocated?.byLine.get(each.line) ?? '';
        return codeLens(each.line - 1, {
          title: lensTitle(each, profile.freshness, profile.measure, cost),
          tooltip: cost === '' ? find : plain`${find}; bytes are estimated from short bursts`,
          command: 'acupoint.revealFunction',
          arguments: [each.functionIds[0], profile.capture.id],
        });
      });
    return [...other, ...own];
  }
}

const find = plain`Find this function in the flame graph`;

function key(document: vscode.TextDocument): string {
  return document.uri.toString();
}
