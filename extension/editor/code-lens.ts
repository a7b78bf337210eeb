import * as vscode from 'vscode';
import { lensTitle } from './format';
import type { EditorProfile } from './profile';
import { editorSettings } from './settings';

/** The share of each function that took part, above it. */
export class FunctionLenses implements vscode.CodeLensProvider {
  readonly onDidChangeCodeLenses: vscode.Event<void>;

  constructor(private readonly profile: EditorProfile) {
    this.onDidChangeCodeLenses = profile.onDidChange;
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
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
