import * as vscode from 'vscode';
import { visible } from '../common/outside';
import { messageOf } from '../common/errors';
import { shownError } from '../ui/messages';
import type { Capture, FileReader } from '../capture/capture';

export const TARGET_SCHEME = 'acupoint-target';

const AS_MASTER = 'as=master';
const TEXTS = '/code from a string/';

/** Most bytes of files that are kept, so that they outlive the session. */
const MOST_BYTES = 64 * 1024 * 1024;
/** As long as Linux has them, in characters. */
const LONGEST_PATH = 4096;

export interface TargetText {
  readonly text: string;
  /** Unix milliseconds; 0: not a file. */
  readonly modifiedMs: number;
}

/** Read-only documents of the target: its files, and code that never was in a file. */
export class TargetDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #texts = new Map<string, Promise<TargetText>>();
  readonly #sizes = new Map<string, number>();
  #bytes = 0;
  /** The target's name of a file, where its document has another; by document. */
  readonly #paths = new Map<string, string>();
  readonly #changes = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changes.event;
  readonly #registration: vscode.Disposable;

  constructor(private readonly captures: () => readonly Capture[]) {
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(TARGET_SCHEME, this);
  }

  /** Tabs and breadcrumbs show the path of a document, so all of it can be seen. */
  fileUri(capture: Capture, path: string, as: FileReader = 'worker'): vscode.Uri {
    const shown = visible(path, LONGEST_PATH);
    const uri = vscode.Uri.from({
      scheme: TARGET_SCHEME,
      authority: authority(capture),
      path: shown,
      query: as === 'master' ? AS_MASTER : '',
    });
    if (shown !== path) this.#paths.set(uri.toString(), path);
    return uri;
  }

  /** A document that holds `text`; the same text has the same document. */
  textUri(capture: Capture, text: string): vscode.Uri {
    const path = `${TEXTS}${hash(text)}.lua`;
    const uri = vscode.Uri.from({ scheme: TARGET_SCHEME, authority: authority(capture), path });
    const key = uri.toString();
    if (!this.#texts.has(key)) this.#keep(key, { text, modifiedMs: 0 });
    return uri;
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const known = this.#texts.get(uri.toString());
    if (known !== undefined) return (await known).text;
    const capture = this.captures().find((each) => authority(each) === uri.authority);
    if (capture === undefined) {
      throw new Error('The capture that this file was read for is gone. Attach again to read it.');
    }
    const path = this.#paths.get(uri.toString()) ?? uri.path;
    try {
      const as = uri.query === AS_MASTER ? 'master' : 'worker';
      return (await this.read(capture, path, as)).text;
    } catch (error) {
      throw shownError(error, messageOf(error));
    }
  }

  /**
   * A file as the worker sees it and by its rights, or by its master's; read once a capture. Throws
   * ProbeError, or Error where it is no text.
   */
  read(capture: Capture, path: string, as: FileReader = 'worker'): Promise<TargetText> {
    const key = this.fileUri(capture, path, as).toString();
    const known = this.#texts.get(key);
    if (known !== undefined) return known;
    const reading = capture.readFile(path, as).then(({ content, modifiedMs }) => {
      if (content.includes(0)) {
        throw new Error(`${path} is not text: it may hold compiled bytecode.`);
      }
      const file = { text: new TextDecoder().decode(content), modifiedMs };
      this.#keep(key, file);
      return file;
    });
    this.#texts.set(key, reading);
    // A file that could not be read now may be there the next time.
    reading.catch(() => this.#texts.delete(key));
    return reading;
  }

  /**
   * The workers are others now, and may have loaded other files: they are read again when asked
   * for.
   */
  refresh(capture: Capture): void {
    const prefix = `${TARGET_SCHEME}://${authority(capture)}/`;
    for (const key of [...this.#sizes.keys()]) {
      const uri = vscode.Uri.parse(key);
      if (!key.startsWith(prefix) || uri.path.startsWith(TEXTS)) continue;
      this.#forget(key);
      this.#changes.fire(uri);
    }
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changes.dispose();
    this.#texts.clear();
    this.#paths.clear();
  }

  #keep(key: string, file: TargetText): void {
    this.#forget(key);
    this.#texts.set(key, Promise.resolve(file));
    this.#sizes.set(key, file.text.length);
    this.#bytes += file.text.length;
    for (const oldest of this.#sizes.keys()) {
      if (this.#bytes <= MOST_BYTES || oldest === key) break;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    this.#bytes -= this.#sizes.get(key) ?? 0;
    this.#sizes.delete(key);
    this.#texts.delete(key);
  }
}

function authority(capture: Capture): string {
  return `capture-${capture.id}`;
}

/** FNV-1a: names a text; nothing depends on it being hard to forge. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0;
  }
  return `${value.toString(16).padStart(8, '0')}-${text.length}`;
}
