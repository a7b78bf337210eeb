/** Heap snapshots in the editor. In a bundle of its own, which is read with the first snapshot. */
import * as vscode from 'vscode';
import type { Source } from '../../analysis/heap/sources';
import type { Capture } from '../../capture/capture';
import { ProbeError } from '../../probe/session';
import { plain, plainText } from '../../common/plain';
import type { SourceOpener } from '../../source/open';
import type { HeapAction } from '../../page/heap';
import type { Notifier } from '../notify';
import { HeapDocuments } from './documents';
import { HeapPanel } from './panel';
import { pickRecordedHeap, type HeapChoice } from './recorded';
import { WorkerSnapshots } from './snapshots';
import { givenPid, pickWorker, takeWithProgress } from './take';
import { messageOf } from '../../common/errors';

export interface HeapUses {
  readonly extensionUri: vscode.Uri;
  /** The bundle that analyses a snapshot in a thread of its own. */
  readonly workerFile: string;
  readonly notifier: Notifier;
  readonly opener: SourceOpener;
  /** Commands act on the active capture: this one, from then on. */
  readonly activate: (capture: Capture) => void;
}

/** The views of one worker. */
interface WorkerViews {
  readonly capture: Capture;
  readonly pid: number;
  readonly snapshots: WorkerSnapshots;
  panel: HeapPanel | undefined;
}

export class HeapViews implements vscode.Disposable {
  private readonly documents = new HeapDocuments();
  private readonly workers = new WeakMap<Capture, Map<number, WorkerViews>>();
  private readonly open = new Set<WorkerViews>();

  constructor(private readonly use: HeapUses) {}

  dispose(): void {
    this.documents.dispose();
    for (const { panel } of [...this.open]) panel?.dispose();
  }

  /** @param given `{ pid }` to take that worker without asking. @throws ProbeError */
  async take(capture: Capture, given: unknown): Promise<void> {
    const choice = await choose(capture, givenPid(given));
    if (choice !== undefined) await this.add(this.viewsOf(capture, choice.pid), choice, false);
  }

  /** Does in the tab in front what a command asks for. */
  async act(action: HeapAction): Promise<void> {
    for (const views of this.open) {
      if (views.panel?.isActive === true) return this.do(views, action);
    }
  }

  private viewsOf(capture: Capture, pid: number): WorkerViews {
    const all = this.workers.get(capture) ?? new Map<number, WorkerViews>();
    this.workers.set(capture, all);
    const known = all.get(pid);
    if (known !== undefined) return known;
    const views = { capture, pid, snapshots: new WorkerSnapshots(), panel: undefined };
    all.set(pid, views);
    return views;
  }

  private async add(views: WorkerViews, choice: HeapChoice, compare: boolean): Promise<void> {
    const { capture, snapshots } = views;
    try {
      const snapshot = await takeWithProgress(capture, choice, this.use.workerFile);
      if (snapshot === undefined) return;
      snapshots.add(snapshot, compare, choice.takenUnixMs);
      this.show(views);
    } catch (error) {
      if (!(error instanceof ProbeError) || error.kind !== 'long-pause') throw error;
      const run = (): void =>
        void vscode.commands.executeCommand(
          'workbench.action.openSettings',
          'acupoint.heap.maxPauseMs',
        );
      const words = plainText(error.message, 1000);
      this.use.notifier.error(words, { title: plain`Open Setting`, run });
    }
  }

  private async again(views: WorkerViews, compare: boolean): Promise<void> {
    const choice = await choose(views.capture, views.pid);
    if (choice !== undefined) await this.add(views, choice, compare);
  }

  private show(views: WorkerViews): void {
    const { capture, pid, snapshots } = views;
    if (views.panel !== undefined) return views.panel.show();
    views.panel = new HeapPanel(capture, pid, snapshots, this.use.extensionUri, {
      action: (action) => void this.do(views, action),
      open: (source, toSide, column) => this.openSource(capture, source, toSide, column),
      closed: () => {
        views.panel = undefined;
        this.open.delete(views);
      },
    });
    this.open.add(views);
  }

  /** Never throws: what fails is said. */
  private async do(views: WorkerViews, action: HeapAction): Promise<void> {
    const { capture, pid, snapshots } = views;
    this.use.activate(capture);
    try {
      const { shown, compared, previous } = snapshots;
      if (action === 'flames') await vscode.commands.executeCommand('acupoint.showFlameGraph');
      else if (action !== 'text') await this.again(views, action === 'compare');
      else if (shown !== undefined) await this.documents.show(pid, shown, compared ?? previous);
    } catch (error) {
      this.use.notifier.error(plainText(messageOf(error), 1000));
    }
  }

  private openSource(
    capture: Capture,
    { chunk, line }: Source,
    toSide: boolean,
    panelColumn: number | undefined,
  ): void {
    this.use.activate(capture);
    const info = { name: chunk, file: chunk, line, lastLine: line };
    void this.use.opener.open(capture, info, { line, toSide, panelColumn });
  }
}

/** @param pid of this worker; undefined: of the only one, or one that is chosen. */
async function choose(capture: Capture, pid: number | undefined): Promise<HeapChoice | undefined> {
  if (capture.recorded) return pickRecordedHeap(capture.recorded, pid);
  return pid === undefined ? pickWorker(capture) : { pid };
}
