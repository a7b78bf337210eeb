/** The tab of a worker's heap snapshots. */
import * as vscode from 'vscode';
import { visible, type AllVisible } from '../../common/outside';
import { plain } from '../../common/plain';
import { openTab } from '../../ui/widgets';
import type { Capture } from '../../capture/capture';
import { isOver } from '../../capture/state';
import type { FromHeapPage, HeapAction, ToHeapPage } from '../../page/heap';
import { loadPage, readPageConfig } from '../page';
import { fromHeapPage } from './from-page';
import { heapMessage } from './message';
import { SourceList } from './source-list';
import type { WorkerSnapshots } from './snapshots';
import type { Source } from '../../analysis/heap/sources';

export const HEAP_VIEW_TYPE = 'acupoint.heap';

export interface HeapPanelEvents {
  action(action: HeapAction): void;
  open(source: Source, toSide: boolean, panelColumn: number | undefined): void;
  closed(): void;
}

export class HeapPanel implements vscode.Disposable {
  private readonly panel: vscode.WebviewPanel;
  private readonly subscriptions: { dispose(): void }[];
  private ready = false;
  /** Of what the page was told last. */
  private sources = new SourceList();

  constructor(
    private readonly capture: Capture,
    private readonly pid: number,
    private readonly snapshots: WorkerSnapshots,
    extensionUri: vscode.Uri,
    private readonly events: HeapPanelEvents,
  ) {
    this.panel = openTab(HEAP_VIEW_TYPE, plain`Heap: worker ${pid}`);
    const { panel } = this;
    this.subscriptions = [
      panel.onDidDispose(() => this.dispose()),
      panel.onDidChangeViewState(() => {
        if (!panel.visible) this.ready = false;
      }),
      panel.webview.onDidReceiveMessage((raw: unknown) => {
        const message = fromHeapPage(raw);
        if (message !== undefined) this.receive(message);
      }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('acupoint.flameGraph')) this.post(readPageConfig());
      }),
      capture.onDidChange((change) => {
        if (change === 'state') this.update();
      }),
    ];
    loadPage(panel.webview, extensionUri, 'heap', 'Heap snapshot');
  }

  get isActive(): boolean {
    return this.panel.active;
  }

  show(): void {
    this.panel.reveal();
    this.update();
  }

  /** Tells the page what is to be shown now. */
  update(): void {
    const { all, shown, compared } = this.snapshots;
    if (shown === undefined || !this.ready) return;
    this.sources = new SourceList();
    const worker = `worker ${this.pid} on ${this.capture.host}`;
    const message = heapMessage(worker, all, shown, compared, this.sources);
    const over = isOver(this.capture.state) && this.capture.recorded === undefined;
    const cannotTake = over ? 'The trace has ended. Attach again to take another snapshot.' : '';
    this.post({ ...message, cannotTake: visible(cannotTake) });
  }

  dispose(): void {
    const subscriptions = this.subscriptions.splice(0);
    if (subscriptions.length === 0) return;
    this.ready = false;
    for (const each of subscriptions) each.dispose();
    this.panel.dispose();
    this.events.closed();
  }

  private receive(message: FromHeapPage): void {
    switch (message.type) {
      case 'ready':
        this.ready = true;
        this.post(readPageConfig());
        return this.update();
      case 'choose':
        this.snapshots.choose(message.shown, message.compared);
        return this.update();
      case 'source': {
        const source = this.sources.get(message.source);
        if (source !== undefined) this.events.open(source, message.toSide, this.panel.viewColumn);
        return;
      }
      case 'action':
        return this.events.action(message.action);
      case 'copy':
        void vscode.env.clipboard.writeText(message.text);
        return;
    }
  }

  private post(message: AllVisible<ToHeapPage>): void {
    // A page that is hidden takes nothing; when it comes back it says so and gets all.
    if (this.ready) void this.panel.webview.postMessage(message);
  }
}
