/**
 * Brings trees to the page: at most four a second, never one before the last was painted, and none
 * while nobody looks. So a slow page sees fewer trees and never a queue of old ones.
 */
import type { AllVisible } from '../../common/outside';
import { giveTurn } from '../../common/turns';
import type { CallTree } from '../../profile/engine';
import type { Measure } from '../../profile/series';
import type { FunctionRow, TreeMessage, TreeView } from '../../page/messages';
import type { Feed, FeedHost } from './feed';
import { functionRow } from './function-row';
import type { FlameGraphSource, SourceChange } from './source';

const INTERVAL_MS = 250;
/**
 * A page that has not said "painted" for so long has lost the message, or itself: it is sent
 * another.
 */
const PATIENCE_MS = 5_000;
/** Functions in one message: the time that it takes to send one is kept from everything else. */
const AT_ONCE = 1000;

export class TreeFeed implements Feed<'tree'> {
  readonly topic = 'tree';
  private view: TreeView | null = null;
  /** Functions that the page knows: ids 1 to this. */
  private told = 0;
  private revision = 0;
  /** Grows with each new profile: what was asked for before is not sent after. */
  private generation = 0;
  /** Grows each time that the page begins: what was on its way to the one before is lost. */
  private pages = 0;
  private dirty = false;
  private building = false;
  private unpainted: { revision: number; sentAt: number; samples: number } | undefined;
  private lastSentAt = -Infinity;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly source: FlameGraphSource,
    private readonly host: FeedHost,
    /** Names the profiles of this source. */
    private readonly identity: string,
  ) {}

  restart(): void {
    this.pages++;
    this.told = 0;
    this.unpainted = undefined;
    this.changedNow();
  }

  /** Sends without waiting for the interval, since a person waits. */
  private changedNow(): void {
    this.lastSentAt = -Infinity;
    this.cancelTimer();
    this.changed('samples');
  }

  want(view: TreeView | null): void {
    this.view = view;
    if (view !== null) this.changedNow();
  }

  changed(change: SourceChange): void {
    if (change === 'new-profile') {
      this.generation++;
      this.told = 0;
      this.unpainted = undefined;
    }
    if (change === 'status' || change === 'view') return;
    this.dirty = true;
    this.schedule();
  }

  painted(revision: number): void {
    if (this.unpainted?.revision !== revision) return;
    this.source.painted?.(this.unpainted.samples);
    this.unpainted = undefined;
    this.cancelTimer();
    this.schedule();
  }

  dispose(): void {
    this.cancelTimer();
    this.dirty = false;
    this.generation++;
  }

  private cancelTimer(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private schedule(): void {
    if (!this.dirty || this.building || this.timer !== undefined) return;
    if (this.view === null || !this.host.isListening()) return;
    const now = performance.now();
    const painted = this.unpainted === undefined ? now : this.unpainted.sentAt + PATIENCE_MS;
    const wait = Math.max(this.lastSentAt + INTERVAL_MS, painted) - now;
    this.timer = setTimeout(
      () => {
        this.timer = undefined;
        void this.send();
      },
      Math.max(0, wait),
    );
  }

  private async send(): Promise<void> {
    const { generation, pages: page, view } = this;
    if (!this.dirty || view === null || !this.host.isListening()) return;
    this.dirty = false;
    this.building = true;
    try {
      const isCurrent = (): boolean =>
        page === this.pages &&
        generation === this.generation &&
        view.measure === this.view?.measure &&
        this.host.isListening();
      const tree = await this.source.callTree(view);
      const functions = isCurrent() ? await this.tellFunctions(isCurrent) : undefined;
      if (functions === undefined) return;
      this.post(tree, view.measure, functions);
      const errors = await this.source.treeErrors?.(tree);
      if (errors && isCurrent())
        this.host.post({ type: 'shareErrors', revision: this.revision, ...errors });
    } catch (error) {
      this.host.onError(error);
    } finally {
      this.building = false;
      this.schedule();
    }
  }

  /**
   * Tells the page of the functions that it does not know, but the last of them, which it returns to
   * go with the tree.
   */
  private async tellFunctions(isCurrent: () => boolean): Promise<NewFunctions | undefined> {
    let rows: AllVisible<FunctionRow>[] = [];
    let first = this.told + 1;
    for (let id = first; id <= this.source.functionCount; id++) {
      if (rows.length === AT_ONCE) {
        const told = { firstFunction: first, newFunctions: rows };
        this.host.post({ type: 'functions', profile: this.profile, ...told });
        [rows, first] = [[], id];
      }
      rows.push(functionRow(this.source, id));
      await giveTurn();
      if (!isCurrent()) return undefined;
    }
    this.told = first + rows.length - 1;
    return { firstFunction: first, newFunctions: rows };
  }

  private get profile(): string {
    return `${this.identity}.${this.generation}`;
  }

  private post(tree: CallTree, unit: Measure, functions: NewFunctions): void {
    this.lastSentAt = performance.now();
    const revision = ++this.revision;
    this.unpainted = { revision, sentAt: this.lastSentAt, samples: tree.samples };
    const { profile } = this;
    this.host.post({ type: 'tree', revision, profile, ...tree, unit, ...functions });
  }
}

type NewFunctions = AllVisible<Pick<TreeMessage, 'firstFunction' | 'newFunctions'>>;
