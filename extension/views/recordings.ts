/** Recordings as files of the editor: opened by a double click, a drop or the command. */
import * as vscode from 'vscode';
import { plain, plainText, type Plain } from '../common/plain';
import { shownError, type LogChannel } from '../ui/messages';
import { askWhichToOpen, withProgress, type Progress } from '../ui/questions';
import type { Capture } from '../capture/capture';
import type { Captures } from '../capture/captures';
import { openRecording, type CreateCapture } from '../capture/open-recording';
import type { FarEnd } from '../capture/far-end';
import { rawText } from '../common/outside';
import { checkRecordingFile, readRecordingFile } from '../probe/recording/read-file';
import { givenUri } from './export';
import { messageOf } from '../common/errors';

/** As package.json calls the editor of *.acupoint. */
const VIEW_TYPE = 'acupoint.recording';

export interface RecordingDependencies {
  readonly captures: Captures;
  readonly farEnd: () => FarEnd;
  readonly create: CreateCapture;
  readonly log: LogChannel;
  /** Shows the capture in this tab. */
  readonly show: (capture: Capture, panel: vscode.WebviewPanel) => void;
}

interface RecordingDocument extends vscode.CustomDocument {
  readonly capture: Capture;
}

class RecordingEditors implements vscode.CustomReadonlyEditorProvider<RecordingDocument> {
  constructor(private readonly use: RecordingDependencies) {}

  /** Where it throws, VS Code shows the message in the place of the editor. */
  async openCustomDocument(uri: vscode.Uri): Promise<RecordingDocument> {
    const { captures, farEnd, create, log } = this.use;
    try {
      const file = await read(uri);
      const capture = await withProgress(
        plain`Opening ${nameOf(uri)}`,
        (bar) => openRecording(file, farEnd(), create, percents(bar)),
        false,
      );
      return { uri, capture, dispose: () => void captures.remove(capture) };
    } catch (error) {
      const words = messageOf(error);
      log.warn(`${uri.path}: ${rawText(words)}`);
      throw shownError(error, words);
    }
  }

  resolveCustomEditor({ capture }: RecordingDocument, panel: vscode.WebviewPanel): void {
    this.use.captures.add(capture);
    this.use.show(capture, panel);
  }
}

/** Reports each percent once. */
function percents(bar: Progress): (part: number) => void {
  let told = 0;
  return (part) => {
    const percent = Math.floor(part * 100);
    if (percent > told) bar.report(plain`${String(percent)} %`, percent - told);
    told = Math.max(told, percent);
  };
}

function nameOf(uri: vscode.Uri): Plain {
  return plainText(uri.path.slice(uri.path.lastIndexOf('/') + 1), 100);
}

/** Other file systems than this machine's are read as they can be. */
async function read(uri: vscode.Uri): Promise<Uint8Array> {
  if (uri.scheme === 'file') return readRecordingFile(uri.fsPath);
  const { type, size } = await vscode.workspace.fs.stat(uri);
  checkRecordingFile(uri.path, (type & vscode.FileType.File) !== 0, size);
  return vscode.workspace.fs.readFile(uri);
}

export function registerRecordings(use: RecordingDependencies): vscode.Disposable {
  return vscode.window.registerCustomEditorProvider(VIEW_TYPE, new RecordingEditors(use));
}

/** @param given `{ uri }` to open that without asking. */
export async function showRecording(given: unknown): Promise<void> {
  const uri = givenUri(given) ?? (await ask());
  if (uri !== undefined) await vscode.commands.executeCommand('vscode.openWith', uri, VIEW_TYPE);
}

function ask(): Promise<vscode.Uri | undefined> {
  return askWhichToOpen(plain`Open Recording`, { 'Acupoint recordings': ['acupoint'] });
}
