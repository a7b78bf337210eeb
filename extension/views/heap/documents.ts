/** Heap snapshots as read-only documents. */
import * as vscode from 'vscode';
import { heapText } from '../../analysis/heap/text';
import type { KeptSnapshot } from './message';

const SCHEME = 'acupoint-heap';
const MOST_KEPT = 20;

export class HeapDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  /** By document, oldest first. */
  private readonly texts = new Map<string, string>();
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(
    SCHEME,
    this,
  );

  dispose(): void {
    this.registration.dispose();
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.path) ?? 'This heap snapshot is no longer kept. Take a new one.';
  }

  /** @param before an earlier one, to say what has grown since. */
  async show(pid: number, shown: KeptSnapshot, before: KeptSnapshot | undefined): Promise<void> {
    const since = before === undefined ? '' : ` since ${before.id}`;
    const path = `/Heap of worker ${pid} (${shown.id}${since})`;
    const lines = heapText({ pid, ...shown }, shown.report, before?.report);
    this.texts.delete(path);
    this.texts.set(path, `${lines.join('\n')}\n`);
    const [oldest] = this.texts.keys();
    if (this.texts.size > MOST_KEPT && oldest !== undefined) this.texts.delete(oldest);
    const uri = vscode.Uri.from({ scheme: SCHEME, path });
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: false });
  }
}
