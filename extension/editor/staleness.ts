import * as vscode from 'vscode';
import type { Capture } from '../capture/capture';
import type { ResolvedSource } from '../source/resolved-source';
import type { TargetDocuments } from '../source/target-documents';
import { freshness, type Freshness } from './stale';

const FRESH: Freshness = { kind: 'fresh' };
/** Longest document that is compared at each keystroke's end. */
const LONGEST = 2_000_000;

/** Gathers what is known of a document's age, and judges it. */
export class Staleness implements vscode.Disposable {
  readonly #changes = new vscode.EventEmitter<void>();
  /** A file of the target was read, or is to be read again. */
  readonly onDidChange = this.#changes.event;
  readonly #targets = new Map<string, { text: string; modifiedMs: number } | undefined>();
  readonly #subscription: vscode.Disposable;

  constructor(private readonly documents: TargetDocuments) {
    this.#subscription = documents.onDidChange(() => {
      this.#targets.clear();
      this.#changes.fire();
    });
  }

  async of(
    capture: Capture,
    document: vscode.TextDocument,
    source: ResolvedSource,
  ): Promise<Freshness> {
    // Code that is in no file cannot change.
    if (source.targetPath === '') return FRESH;
    if (document.getText().length > LONGEST) return { kind: 'unknown' };
    return freshness({
      text: document.getText(),
      dirty: document.isDirty,
      savedMs: await savedMs(document.uri),
      target: this.#target(capture, source.targetPath),
      workersStartedMs: capture.trace.workersStartedMs,
      sameClock: capture.destination.kind === 'local',
    });
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changes.dispose();
  }

  /** Reading takes a while: figures are shown at once, and marked when the file has come. */
  #target(capture: Capture, path: string): { text: string; modifiedMs: number } | undefined {
    const key = this.documents.fileUri(capture, path).toString();
    if (this.#targets.has(key)) return this.#targets.get(key);
    this.#targets.set(key, undefined);
    this.documents.read(capture, path).then(
      (file) => {
        this.#targets.set(key, file);
        this.#changes.fire();
      },
      // Not readable: judged by what else is known.
      () => undefined,
    );
    return undefined;
  }
}

async function savedMs(uri: vscode.Uri): Promise<number | undefined> {
  try {
    return (await vscode.workspace.fs.stat(uri)).mtime;
  } catch {
    return undefined;
  }
}
