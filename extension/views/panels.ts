/** The flame-graph tabs: one for each capture, and those that a reload left behind. */
import * as vscode from 'vscode';
import { plain } from '../common/plain';
import { openTab } from '../ui/widgets';
import type { LayoutMessage } from '../page/messages';
import type { CapturePage } from './capture-page';
import type { FlameGraphPanel } from './capture-page/panel';
import { VIEW_TYPE } from './capture-page/view-type';
import type { FlameGraphSource } from './capture-page/source';

export interface Restored {
  readonly capture: object;
  readonly source: FlameGraphSource;
}

export class FlameGraphPanels implements vscode.Disposable, vscode.WebviewPanelSerializer {
  private readonly panels = new Map<object, FlameGraphPanel>();
  /** Brought back after a reload; the next capture takes the place of one of them. */
  private readonly ended = new Set<FlameGraphPanel>();
  private readonly serializer: vscode.Disposable;
  private readonly closes = new vscode.EventEmitter<object>();
  /** The user has closed the tab of this capture. */
  readonly onDidClose = this.closes.event;

  constructor(
    /** Read when a page is first shown. */
    private readonly page: () => CapturePage,
    private readonly extensionUri: vscode.Uri,
    private readonly onError: (error: unknown) => void,
    /** The capture that a page of before the reload showed; undefined: there is none. */
    private readonly restore: (pageState: unknown) => Promise<Restored | undefined>,
  ) {
    this.serializer = vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, this);
  }

  /**
   * Brings the tab of a capture to the front, in the active column where it is new.
   * @param capture stands for the capture and is only compared.
   */
  show(capture: object, makeSource: () => FlameGraphSource, preserveFocus = false): void {
    const existing = this.panels.get(capture);
    if (existing !== undefined) return existing.show(preserveFocus);
    const [left] = this.ended;
    if (left !== undefined) {
      this.ended.delete(left);
      left.setSource(makeSource());
      this.remember(capture, left);
      return left.show(preserveFocus);
    }
    const panel = openTab(VIEW_TYPE, plain`Flame graph`, preserveFocus);
    this.remember(capture, this.wrap(panel, makeSource()));
  }

  /** Shows a capture in a tab that VS Code has made for a file. */
  adopt(capture: object, panel: vscode.WebviewPanel, source: FlameGraphSource): void {
    this.remember(capture, this.wrap(panel, source));
  }

  /** For a capture that came to nothing. */
  close(capture: object): void {
    this.panels.get(capture)?.dispose();
  }

  /** Shows where a function stands in the graph. */
  reveal(capture: object, makeSource: () => FlameGraphSource, functionId: number): void {
    this.show(capture, makeSource);
    this.panels.get(capture)?.reveal(functionId);
  }

  showAs(
    capture: object,
    makeSource: () => FlameGraphSource,
    wished: Omit<LayoutMessage, 'type'>,
  ): void {
    this.show(capture, makeSource);
    this.panels.get(capture)?.showAs(wished);
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, pageState: unknown): Promise<void> {
    const restored = this.wrap(panel, new (this.page().EndedSource)());
    this.ended.add(restored);
    restored.onDidDispose(() => this.ended.delete(restored));
    const found = await this.restore(pageState).catch((error: unknown) => {
      this.onError(error);
      return undefined;
    });
    // By now it may have been closed, or have taken in another capture.
    if (found === undefined || !this.ended.delete(restored)) return;
    restored.setSource(found.source);
    this.remember(found.capture, restored);
  }

  /** The tabs stay: VS Code keeps them over a reload and gives them back. */
  dispose(): void {
    this.serializer.dispose();
  }

  private wrap(panel: vscode.WebviewPanel, source: FlameGraphSource): FlameGraphPanel {
    return new (this.page().FlameGraphPanel)(panel, this.extensionUri, source, this.onError);
  }

  private remember(capture: object, panel: FlameGraphPanel): void {
    this.panels.set(capture, panel);
    panel.onDidDispose(() => {
      if (this.panels.get(capture) !== panel) return;
      this.panels.delete(capture);
      this.closes.fire(capture);
    });
  }
}
