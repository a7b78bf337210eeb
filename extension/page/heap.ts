/** Messages between the extension and the page of heap snapshots. */

/** Of frames and owners, in the order of their numbers in a {@link HeapTreeMessage}. */
export const HEAP_KINDS = [
  'other',
  'plugin',
  'core',
  'module',
  'table',
  'string',
  'function',
  'cdata',
  'userdata',
  'coroutine',
  'code',
  'small',
] as const;
export type HeapKindName = (typeof HEAP_KINDS)[number];

export const HEAP_TABLES = ['owners', 'modules', 'types', 'functions', 'largest'] as const;
export type HeapTableName = (typeof HEAP_TABLES)[number];

/** Everything that the page shows; texts come from the target and are cut and made visible. */
export interface HeapMessage {
  type: 'heap';
  /** Changes with what is shown: zoom and selection of another one mean nothing. */
  id: string;
  /** Of this worker, oldest first. */
  snapshots: SnapshotName[];
  shown: number;
  /** Which earlier one it is compared with; null: none. */
  compared: number | null;
  facts: HeapFacts;
  tables: Record<HeapTableName, HeapTable>;
  tree: HeapTreeMessage;
  /** Why another snapshot cannot be taken; '' where it can. */
  cannotTake: string;
}

export interface SnapshotName {
  id: number;
  /** "#2, 14:03:22, 45.2 MB" */
  text: string;
}

export interface HeapFacts {
  /** "worker 1234 on user@host" */
  worker: string;
  /** Unix milliseconds. */
  takenAt: number;
  /** 0: the worker slept, and was not stopped. */
  pauseMs: number;
  copiedBytes: number;
  /** By the collectors' count. */
  gcTotalBytes: number;
  /** The part that was found. */
  reachedBytes: number;
  objects: number;
  /** Part of that, which nothing holds. */
  uncollectedBytes: number;
  /** The same of the one it is compared with. */
  before: HeapTotals | null;
}

export type HeapTotals = Pick<
  HeapFacts,
  'gcTotalBytes' | 'reachedBytes' | 'objects' | 'uncollectedBytes'
>;

/** The owner of what nothing holds: it comes and goes with the collector. */
export const UNCOLLECTED = 'garbage (freed at the next GC)';

export interface HeapTable {
  rows: HeapRow[];
  /** Rows that are not among them. */
  left: number;
}

export interface HeapRow {
  key: string;
  name: string;
  kind: HeapKindName;
  /** Name of the owner it belongs to; '' where it is one or belongs to none. */
  owner: string;
  bytes: number;
  objects: number;
  /** In the earlier snapshot; null: it was not there, or nothing is compared. */
  before: number | null;
  /** Says more: how full, how many finalizers. */
  note: string;
  /** Part of the row above, and not counted again. */
  part: boolean;
  /** Index of {@link HeapRow}'s source, to be opened; -1: none. */
  source: number;
  /** The way to it from a VM on. */
  path: string[];
}

/** Nodes stand before what is below them; the first is the root. */
export interface HeapTreeMessage {
  parents: number[];
  places: number[];
  frames: HeapFrameRow[];
  bytes: number[];
  /** By node, in the earlier snapshot; null: nothing is compared. */
  before: number[] | null;
  smallestBytes: number;
}

export interface HeapFrameRow {
  name: string;
  kind: number;
  /** "kong/plugins/x/handler.lua" and a line, where there is a source; '' and 0 where not. */
  file: string;
  line: number;
  source: number;
}

export type HeapAction = 'take' | 'compare' | 'text' | 'flames';

export type FromHeapPage =
  /** The page has loaded, or come back, and knows nothing. */
  | { type: 'ready' }
  /** Show this snapshot, compared with that one. */
  | { type: 'choose'; shown: number; compared: number | null }
  | { type: 'source'; source: number; toSide: boolean }
  | { type: 'action'; action: HeapAction }
  | { type: 'copy'; text: string };

export type ToHeapPage = HeapMessage | { type: 'config'; swapClicks: boolean; inverted: boolean };

/** Kept through vscode.setState. */
export interface HeapPageState {
  table: HeapTableName;
  layout: 'both' | 'tables' | 'graph';
  /** Name and kind of the owner that alone is shown in the flame graph. */
  owner: { name: string; kind: HeapKindName } | null;
  /** Widths of the flame graph of a comparison: what there is, or what came. */
  widths: 'now' | 'growth';
}
