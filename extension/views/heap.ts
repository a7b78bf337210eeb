/** Heap snapshots as read-only documents: who holds what, and what has grown since the last one. */
import * as vscode from 'vscode';
import type { HeapReport } from '../analysis/heap';
import { heapText } from '../analysis/heap/text';
import type { Capture } from '../capture/capture';
import type { HeapSnapshot } from '../capture/heap-snapshot';
import { pickRecordedHeap, type HeapChoice } from './recorded-heaps';
import { heapMaxPauseMs } from './settings';

const SCHEME = 'acupoint-heap';
const MOST_KEPT = 20;

export class HeapDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  /** By document, oldest first. */
  private readonly texts = new Map<string, string>();
  /** The last report of each worker, by capture and pid. */
  private readonly last = new Map<string, HeapReport>();
  private taken = 0;
  private readonly registration: vscode.Disposable;

  /** @param workerFile the bundle that analyses a snapshot in a thread of its own. */
  constructor(private readonly workerFile: string) {
    this.registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  }

  dispose(): void {
    this.registration.dispose();
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.path) ?? 'This heap snapshot is no longer kept. Take a new one.';
  }

  /** @param given `{ pid }` to take that worker without asking. Throws ProbeError. */
  async take(capture: Capture, given: unknown): Promise<void> {
    const { recorded } = capture;
    const choice = recorded
      ? await pickRecordedHeap(recorded, givenPid(given))
      : await pickWorker(capture, givenPid(given));
    if (choice === undefined) return;
    const snapshot = await this.withProgress(capture, choice);
    if (snapshot === undefined) return;
    const { pid } = choice;
    const key = `${capture.id} ${pid}`;
    const lines = heapText({ pid, ...snapshot }, snapshot.report, this.last.get(key));
    this.last.set(key, snapshot.report);
    await this.show(`/Heap of worker ${pid} (${++this.taken})`, lines);
  }

  private async withProgress(
    capture: Capture,
    { pid, recorded }: HeapChoice,
  ): Promise<HeapSnapshot | undefined> {
    const maxPauseMs = heapMaxPauseMs();
    const stands = capture.recorded ? 'as recorded' : `which stands for ${maxPauseMs} ms at most`;
    const title = `Heap of worker ${pid}, ${stands}`;
    const location = vscode.ProgressLocation.Notification;
    return vscode.window.withProgress(
      { title, location, cancellable: true },
      async (bar, token) => {
        const cancel = new AbortController();
        token.onCancellationRequested(() => cancel.abort());
        let shown = 0;
        const onProgress = (done: number, message: string) => {
          bar.report({ message, increment: Math.max(0, done - shown) * 100 });
          shown = Math.max(shown, done);
        };
        try {
          const { workerFile } = this;
          const rules = vscode.workspace.getConfiguration('acupoint').get<unknown>('grouping', []);
          const { signal } = cancel;
          const limits = { maxPauseMs, rules, workerFile, signal, onProgress };
          return await capture.takeHeap({ pid, recorded, ...limits });
        } catch (error) {
          if (cancel.signal.aborted) return undefined;
          throw error;
        }
      },
    );
  }

  private async show(path: string, lines: readonly string[]): Promise<void> {
    this.texts.set(path, `${lines.join('\n')}\n`);
    const [oldest] = this.texts.keys();
    if (this.texts.size > MOST_KEPT && oldest !== undefined) this.texts.delete(oldest);
    const uri = vscode.Uri.from({ scheme: SCHEME, path });
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: false });
  }
}

function givenPid(given: unknown): number | undefined {
  const pid: unknown = (given as { pid?: unknown } | undefined)?.pid;
  return typeof pid === 'number' && Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

/** The only worker, or the one that is chosen. */
async function pickWorker(
  capture: Capture,
  given: number | undefined,
): Promise<HeapChoice | undefined> {
  if (given !== undefined) return { pid: given };
  const { pids, memory } = capture.health;
  const only = pids.length > 1 ? undefined : (pids[0] ?? capture.target?.worker?.pid);
  if (only !== undefined || pids.length === 0) return only === undefined ? only : { pid: only };
  const items = pids.map((pid) => {
    const known = memory.find((entry) => entry.pid === pid);
    const megabytes = known && (known.gcTotal / 2 ** 20).toFixed(1);
    return { label: `worker ${pid}`, description: known && `Lua ${megabytes} MB`, pid };
  });
  const options = items.map(({ description, ...item }) =>
    description === undefined ? item : { ...item, description },
  );
  return vscode.window.showQuickPick(options, { title: 'Heap Snapshot: worker' });
}
