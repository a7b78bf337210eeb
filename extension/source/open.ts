import * as vscode from 'vscode';
import { plain, plainText, type Plain } from '../common/plain';
import { sayInPassing } from '../ui/messages';
import type { Capture } from '../capture/capture';
import type { FunctionInfo } from '../profile/frames';
import type { Log } from '../common/log';
import { otherColumn } from './column';
import type { SourceResolver } from './resolver';

export interface Jump {
  /** Line of the chunk; 0: where the function is defined. */
  readonly line: number;
  readonly toSide: boolean;
  /** Where the flame graph is, which keeps its place; undefined: it is not shown. */
  readonly panelColumn: number | undefined;
}

const SHOWN_MS = 8000;

/** Shows the source of functions. The status bar names a function without one: that is no error. */
export class SourceOpener {
  constructor(
    private readonly resolver: SourceResolver,
    private readonly log: Log,
  ) {}

  /** Resolves with the editor, or undefined where there is nothing to show. Never throws. */
  async open(
    capture: Capture,
    info: FunctionInfo,
    jump: Jump,
  ): Promise<vscode.TextEditor | undefined> {
    try {
      const source = await this.resolver.resolve(capture, info.file);
      if (source === undefined) {
        say(plain`No source for ${short(info.name)}: ${reason(info)}`);
        return undefined;
      }
      const chunkLine = jump.line > 0 ? jump.line : info.line;
      const document = await vscode.workspace.openTextDocument(source.uri);
      return await show(document, Math.max(chunkLine, 1) + source.offset, jump);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.log.warn(`opening ${short(info.file)}: ${message}`);
      say(plain`${short(info.file)} could not be opened: ${short(message)}`);
      return undefined;
    }
  }
}

async function show(
  document: vscode.TextDocument,
  line: number,
  jump: Jump,
): Promise<vscode.TextEditor> {
  const index = Math.min(line, document.lineCount) - 1;
  const column = document.lineAt(index).firstNonWhitespaceCharacterIndex;
  const at = new vscode.Range(index, column, index, column);
  const editor = await vscode.window.showTextDocument(document, {
    viewColumn: otherColumn(document.uri, jump.panelColumn, jump.toSide),
    // The keyboard stays with the flame graph, where the next arrow key or click goes.
    preserveFocus: true,
    preview: true,
    selection: at,
  });
  editor.revealRange(at, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  if (document.languageId === 'plaintext' && !document.uri.path.endsWith('.conf')) {
    await vscode.languages.setTextDocumentLanguage(document, 'lua');
  }
  return editor;
}

function reason(info: FunctionInfo): Plain {
  if (info.file === '' || info.file === '=[C]') return plain`it is not written in Lua.`;
  if (info.file.startsWith('=')) {
    return plain`${short(info.file)} names no block that can be found.`;
  }
  return plain`${short(info.file)} is no Lua file.`;
}

function short(text: string): Plain {
  return plainText(text, 120);
}

function say(message: Plain): void {
  sayInPassing(message, SHOWN_MS);
}
