import * as vscode from 'vscode';
import { textBehind } from '../ui/widgets';
import { heat, lineText } from './format';
import { gutterImage } from './gutter-image';
import type { DocumentProfile, EditorProfile } from './profile';
import { editorSettings } from './settings';
import { Throttle } from '../common/throttle';

const colours = ['acupoint.coolLine', 'acupoint.warmLine', 'acupoint.hotLine'] as const;

/**
 * The share of each line, at its end, with a tint that tells hot lines at a glance; and in the gutter,
 * where it can be seen of a line whose end is out of sight.
 */
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
  /** By whole percent, as lines need them: a picture is of a type of decorations. */
  readonly #gutter = new Map<number, vscode.TextEditorDecorationType>();
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
    const all = [...this.#subscriptions, ...this.#types, ...this.#gutter.values()];
    vscode.Disposable.from(...all).dispose();
  }

  async #show(): Promise<void> {
    for (const editor of vscode.window.visibleTextEditors) {
      const settings = editorSettings(editor.document.uri);
      const profile = settings.lines ? await this.profile.of(editor.document) : undefined;
      const marked = marks(editor.document, profile, settings.threshold);
      this.#types.forEach((type, level) => editor.setDecorations(type, marked[level] ?? []));
      const shares = sharesOf(editor.document, profile, settings.threshold);
      for (const percent of shares.keys()) this.#gutterOf(percent);
      for (const [percent, type] of this.#gutter)
        editor.setDecorations(type, shares.get(percent) ?? []);
    }
  }

  #gutterOf(percent: number): void {
    if (this.#gutter.has(percent)) return;
    const image = (theme: 'dark' | 'light') => ({
      gutterIconPath: vscode.Uri.parse(gutterImage(percent, theme)),
    });
    const options = { dark: image('dark'), light: image('light'), gutterIconSize: 'contain' };
    this.#gutter.set(percent, vscode.window.createTextEditorDecorationType(options));
  }
}

function marks(
  document: vscode.TextDocument,
  profile: DocumentProfile | undefined,
  threshold: number,
): vscode.DecorationOptions[][] {
  const levels: vscode.DecorationOptions[][] = [[], [], []];
  for (const [each, range] of linesOf(document, profile, threshold))
    levels[heat(each.total)]!.push(textBehind(range, lineText(each, profile!.measure)));
  return levels;
}

/** Lines by whole percent; those of less, or of at least so much, have no number that fits. */
function sharesOf(
  document: vscode.TextDocument,
  profile: DocumentProfile | undefined,
  threshold: number,
): Map<number, vscode.Range[]> {
  const ranges = new Map<number, vscode.Range[]>();
  for (const [each, range] of linesOf(document, profile, threshold)) {
    const percent = Math.min(100, Math.round(100 * each.total));
    if (percent >= 1 && each.atLeast !== true)
      ranges.set(percent, [...(ranges.get(percent) ?? []), range]);
  }
  return ranges;
}

function linesOf(
  document: vscode.TextDocument,
  profile: DocumentProfile | undefined,
  threshold: number,
): [DocumentProfile['lines'][number], vscode.Range][] {
  // Lines of a file that was changed are other lines; the functions above still say what is known.
  if (profile === undefined || profile.freshness.kind === 'stale') return [];
  return profile.lines
    .filter(({ line, total }) => total >= threshold && total > 0 && line <= document.lineCount)
    .map((each) => [each, document.lineAt(each.line - 1).range]);
}
