/**
 * The part of a capture that the flame-graph panel needs, and no more. Implemented by whoever owns
 * the capture.
 */
import type { AllVisible } from '../../common/outside';
import type { MemoryLog } from '../../capture/memory-log';
import type { TreeErrors } from '../../analysis/tree-errors';
import type { CallTree } from '../../profile/engine';
import type { FunctionInfo } from '../../profile/frames';
import type {
  ControlAction,
  FocusedRow,
  MessageOf,
  OptionsOf,
  StatusMessage,
  Topic,
  TreeView,
} from '../../page/messages';

export interface Subscription {
  dispose(): void;
}

/** Topics that are answered as a whole each time. */
export type AnsweredTopic = Exclude<Topic, 'tree' | 'memory'>;

export interface FlameGraphSource {
  /** Functions have ids from 1 to this number; it never shrinks but by a `new-profile` change. */
  readonly functionCount: number;
  /** @throws RangeError where id is not in 1..functionCount. */
  functionInfo(id: number): FunctionInfo;
  /**
   * Whether {@link open} leads somewhere: a Lua function whose chunk is a file, a block or a text.
   */
  hasSource(id: number): boolean;
  /** The tree of what was captured so far; siblings stand in alphabetical order of their names. */
  callTree(view: TreeView): Promise<CallTree>;
  /** How far shares of the last tree may be off; undefined: that is not known, or not by bursts. */
  treeErrors?(tree: CallTree): Promise<TreeErrors | undefined>;
  status(): AllVisible<StatusMessage>;
  /** By topic; absent: there is nothing to tell. */
  readonly answers?: {
    readonly [T in AnsweredTopic]?: (options: OptionsOf<T>) => Promise<AllVisible<MessageOf<T>>>;
  };
  /**
   * A topic is looked at, or no more: an instrument that is not always on is on as long.
   */
  looked?(topic: Topic, options: OptionsOf<Topic> | null): void;
  /** The workers' memory; absent: there is nothing to tell. */
  memory?(): Pick<MemoryLog, 'history' | 'zones'>;
  /** A snapshot of the Lua heap of a worker is to be taken. */
  heap?(pid: number): void;
  /** Only the samples of this row are to be shown, here and in the editor; null: all. */
  focus?(row: FocusedRow | null): void;
  /**
   * Hears of changes: `samples` (a new tree would differ), `status` (only the status line would),
   * `view` (another window of time is looked at, whose tree is under way), and `new-profile`
   * (function ids begin again: reset, or another target).
   */
  onDidChange(listener: (change: SourceChange) => void): Subscription;
  /** The page has drawn a tree of so many samples. */
  painted?(samples: number): void;
  /** Shows a line of a chunk that an answer has told the page of; see {@link open}. */
  openChunk?(id: number, line: number, toSide: boolean, panelColumn: number | undefined): void;
  /** A button of the page. Failures are the source's to report to the user. */
  control(action: ControlAction): void;
  /**
   * Shows the source of a function. The panel keeps its tab and the keyboard: the editor goes to
   * another group than the panel's, a new one beside it where there is none or where `toSide` is
   * set.
   * @param line 0: where the function is defined.
   * @param panelColumn vscode.ViewColumn of the panel; undefined while it is not shown.
   */
  open(functionId: number, line: number, toSide: boolean, panelColumn: number | undefined): void;
}

export type SourceChange = 'samples' | 'status' | 'view' | 'new-profile';
