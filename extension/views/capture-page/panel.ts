/** One flame-graph tab and the source that it shows. */
import * as vscode from 'vscode';
import type { LayoutMessage, ToExtension, ToPage } from '../../page/messages';
import type { AllVisible } from '../../common/outside';
import { plain, plainText } from '../../common/plain';
import { retitle } from '../../ui/widgets';
import { loadPage, readPageConfig } from '../page';
import type { FeedHost } from './feed';
import { Feeds } from './feeds';
import { fromPage } from './from-page';
import type { FlameGraphSource } from './source';
import { VIEW_TYPE } from './view-type';

export class FlameGraphPanel implements vscode.Disposable {
  private source: FlameGraphSource;
  /** Whether the page runs and has said so; it ends each time it is hidden. */
  private ready = false;
  private disposed = false;
  private revealing: number | undefined;
  private wished: Omit<LayoutMessage, 'type'> | undefined;
  private readonly feeds: Feeds;
  private readonly subscriptions: vscode.Disposable[] = [];
  private readonly disposeEmitter = new vscode.EventEmitter<void>();
  readonly onDidDispose = this.disposeEmitter.event;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    extensionUri: vscode.Uri,
    source: FlameGraphSource,
    private readonly onError: (error: unknown) => void,
  ) {
    this.source = source;
    this.feeds = new Feeds(source, this.feedHost(), (change) => {
      if (change !== 'samples') this.retitle();
    });
    this.subscriptions.push(
      panel.onDidDispose(() => this.dispose()),
      panel.onDidChangeViewState(() => {
        if (panel.visible) return;
        this.ready = false;
        this.feeds.wantNothing();
      }),
      panel.webview.onDidReceiveMessage((raw: unknown) => {
        const message = fromPage(raw);
        if (message !== undefined) this.receive(message);
      }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('acupoint.flameGraph')) this.post(readPageConfig());
      }),
    );
    this.retitle();
    loadPage(panel.webview, extensionUri, 'main', 'Flame graph');
  }

  /** Shows another capture in the same tab. */
  setSource(source: FlameGraphSource): void {
    this.source = source;
    this.retitle();
    this.post({ type: 'reset' });
    this.feeds.setSource(source);
  }

  show(preserveFocus: boolean): void {
    this.panel.reveal(undefined, preserveFocus);
  }

  /** Selects the frames of a function, as soon as the page is there. */
  reveal(functionId: number): void {
    this.show(false);
    this.revealing = functionId;
    if (this.ready) this.sendWishes();
  }

  /** Shows the page like this, as soon as it is there. */
  showAs(wished: Omit<LayoutMessage, 'type'>): void {
    this.show(false);
    this.wished = wished;
    if (this.ready) this.sendWishes();
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.ready = false;
    this.feeds.dispose();
    for (const each of this.subscriptions) each.dispose();
    this.panel.dispose();
    this.disposeEmitter.fire();
    this.disposeEmitter.dispose();
  }

  private feedHost(): FeedHost {
    return {
      post: (message) => this.post(message),
      isListening: () => this.ready && this.panel.visible,
      onError: this.onError,
    };
  }

  private receive(message: ToExtension): void {
    switch (message.type) {
      case 'ready':
        this.ready = true;
        this.post(readPageConfig());
        this.feeds.restart();
        return this.sendWishes();
      case 'want':
        return this.feeds.want(message);
      case 'heap':
        return this.source.heap?.(message.pid);
      case 'focus':
        return this.source.focus?.(message.focus);
      case 'painted':
        return this.feeds.painted(message.revision);
      case 'open':
        if (message.functionId < 1 || message.functionId > this.source.functionCount) return;
        return this.source.open(
          message.functionId,
          message.line,
          message.toSide,
          this.panel.viewColumn,
        );
      case 'open-chunk': {
        const { chunk, line, toSide } = message;
        return this.source.openChunk?.(chunk, line, toSide, this.panel.viewColumn);
      }
      case 'control':
        return this.source.control(message.action);
      case 'copy':
        void vscode.env.clipboard.writeText(message.text);
        return;
    }
  }

  /** Sends what was asked for before the page was there. */
  private sendWishes(): void {
    if (this.wished !== undefined) this.post({ type: 'layout', ...this.wished });
    if (this.revealing !== undefined) this.post({ type: 'reveal', functionId: this.revealing });
    this.wished = this.revealing = undefined;
  }

  private retitle(): void {
    const target = plainText(this.source.status().target, 60);
    const title = target === '' ? plain`Flame graph` : plain`Flame graph: ${target}`;
    // The tab of a file has the file's name.
    if (this.panel.viewType === VIEW_TYPE) retitle(this.panel, title);
  }

  private post(message: AllVisible<ToPage>): void {
    // A page that is gone or hidden takes nothing; when it comes back it says so and gets all.
    if (this.ready && !this.disposed) void this.panel.webview.postMessage(message);
  }
}
