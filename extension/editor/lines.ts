import * as vscode from 'vscode';
import { textBehind } from '../ui/widgets';
import { heat, lineText } from './format';
import type { DocumentProfile, EditorProfile } from './profile';
import { editorSettings } from './settings';
import { Throttle } from '../common/throttle';

const colours = ['acupoint.coolLine', 'acupoint.warmLine', 'acupoint.hotLine'] as const;

/** The share of each line, at its end, with a tint that tells hot lines at a glance. */
export class LineShares implements vscode.Disposable {
  readonly #types = colours.map((colour) =>
    vscode.window.createTextEditorDecorationType({
      isWholeLine: true,
      backgroundColor: new vscode.ThemeColor(colour),
      overviewRulerColor: new vscode.ThemeColor(colour),
      overviewRulerLane: vscode.OverviewRulerLane.Right,
      after: {
        color: new vscode.ThemeColor('acupoint.lineShare'),
        margin: '0 0 0 3em',
      },
    }),
  );
  readonly #subscriptions: vscode.Disposable[];
  /** Coalesces what happens at once: a new editor, a new profile. */
  readonly #throttle = new Throttle(50, () => this.#show());

  constructor(private readonly profile: EditorProfile) {
    const ask = (): void => this.#throttle.ask();
    this.#subscriptions = [
      profile.onDidChange(ask),
      vscode.window.onDidChangeVisibleTextEditors(ask),
    ];
  }

  dispose(): void {
    this.#throttle.dispose();
    vscode.Disposable.from(...this.#subscriptions, ...this.#types).dispose();
  }

  async #show(): Promise<void> {
    for (const editor of vscode.window.visibleTextEditors) {
      const settings = editorSettings(editor.document.uri);
      const profile = settings.lines ? await this.profile.of(editor.document) : undefined;
      const marked = marks(editor.document, profile, settings.threshold);
      this.#types.forEach((type, level) => editor.setDecorations(type, marked[level] ?? []));
    }
  }
}

function marks(
  document: vscode.TextDocument,
  profile: DocumentProfile | undefined,
  threshold: number,
): vscode.DecorationOptions[][] {
  const levels: vscode.DecorationOptions[][] = [[], [], []];
  // Lines of a file that was changed are other lines; the functions above still say what is known.
  if (profile === undefined || profile.freshness.kind === 'stale') return levels;
  for (const each of profile.lines) {
    if (each.total < threshold || each.total === 0 || each.line > document.lineCount) continue;
    const { range } = document.lineAt(each.line - 1);
    levels[heat(each.total)]!.push(textBehind(range, lineText(each, profile.measure)));
  }
  return levels;
}
