/**
 * What the extension and the flame-graph page say to each other. Both sides compile against this
 * file.
 */
import type { Measure } from '../extension/profile/series';
import type { FrameKind } from '../extension/profile/frames';
import type { SharedZones } from '../extension/profile/memory';
import type { MemoryPoint } from '../extension/profile/memory-history';

/** What a table of owners has rows or columns of; see extension/analysis/dimensions.ts. */
export type TableKey = 'owner' | 'phase' | 'uri' | 'route' | 'host' | 'method';

export type OwnerKind = 'plugin' | 'core' | 'nginx' | 'kernel' | 'other';

/** The only samples that are shown: those of a row of a table. */
export interface FocusedRow {
  by: TableKey;
  /** As the report has it. */
  key: string;
  kind: OwnerKind;
}

/** What the weights of a tree are. See webview/units.ts. */
export type UnitName = Measure | 'held' | 'grown';

/** A call tree as extension/profile/engine.ts describes it, ready for structured clone. */
export interface TreeMessage {
  type: 'tree';
  /**
   * Grows with each tree; the page answers each with `painted`, and gets no newer one before that.
   */
  revision: number;
  /** Identity of the function ids: where it changes, zoom and selection of before mean nothing. */
  profile: string;
  parents: Int32Array;
  functions: Uint32Array;
  kinds: Uint8Array;
  flags: Uint8Array;
  self: Float64Array;
  total: Float64Array;
  lines: Uint32Array;
  samples: number;
  /** Weight of all samples, where the tree leaves some out. */
  whole?: number;
  /** Absent: microseconds on a CPU. */
  unit?: UnitName;
  /** Total at an earlier time, where two are compared. */
  before?: Float64Array;
  /** Functions that the page has not been told yet; ids from `firstFunction` on. */
  firstFunction: number;
  newFunctions: FunctionRow[];
}

export interface FunctionRow {
  /**
   * At most 1 024 characters; control and bidirectional characters are replaced by visible ones.
   */
  name: string;
  /** What its compiler calls it, where that is another name. */
  symbol?: string;
  /** Chunk name or path, shortened likewise. */
  file: string;
  line: number;
  lastLine: number;
  /** Whether there is a source to jump to. */
  hasSource: boolean;
}

export type CaptureState =
  'idle' | 'connecting' | 'attaching' | 'running' | 'paused' | 'stopped' | 'failed';

export interface StatusMessage {
  type: 'status';
  state: CaptureState;
  /** "This machine", "user@host" */
  host: string;
  /** "nginx 1.22.1, worker 1234", "Kong 3.9.1, 4 workers" */
  target: string;
  pids: number[];
  /** In force. */
  rateHz: number;
  askedHz: number;
  /** Why the one is not the other. */
  rateLimit: 'none' | 'sampler' | 'budget';
  samplesPerSecond: number;
  samples: number;
  lost: number;
  truncated: number;
  /** Of one core: user space and BPF. */
  probeCpuPercent: number;
  kernelCpuPercent: number;
  /** Of one core: the workers stood still for their samples. */
  stoppedPercent: number;
  /** Most that all of it may be, in percent of a core for each worker; 0: no limit. */
  budgetPercent: number;
  /** 'BPF', 'perf ring', 'ptrace' */
  sampler: string;
  /** What it costs and does not see, where it is not the best there is; else ''. */
  samplerNote: string;
  /** Samples where Lua was running, by how well their stack was recovered. */
  lua: { samples: number; exact: number; functionOnly: number; traceRoot: number; unknown: number };
  /**
   * Samples with native frames; of them, those whole to the thread's root and those too long; all by
   * how their walk ended (profile/walk-ends.ts).
   */
  native: { samples: number; complete: number; truncated: number; ends: readonly number[] };
  elapsedMs: number;
  /** Where allocations are looked at; else null. */
  allocations: AllocationFacts | null;
  /** A recording is shown, of then: "2026-11-23 14:05". Absent: a capture of this window. */
  recorded?: string;
  focus: FocusedRow | null;
  /** Why it failed or stopped, or what the user should know; empty if nothing. */
  message: string;
}

/** What was seen of allocations in what is shown. Shares are known, sums are estimates. */
export interface AllocationFacts {
  /** Bursts are being taken. */
  on: boolean;
  /** Length of the bursts, and the time out of which they were taken; both summed over workers. */
  watchedMs: number;
  elapsedMs: number;
  /** What was asked for during bursts; of it, in no stack. */
  bytes: number;
  lostBytes: number;
  /** Stacks that were taken since the start. */
  samples: number;
  /** Estimates of all bytes; null: not known. */
  bytesPerSecond: number | null;
  bytesPerRequest: number | null;
  /** Of one core: the bursts. */
  costPercent: number;
  /** Why they cannot be watched, and what would change that; '' where they can. */
  missing: string;
}

export interface ConfigMessage {
  type: 'config';
  /** false: click opens the source, double click zooms; true: the other way round. */
  swapClicks: boolean;
  inverted: boolean;
}

/** Select and show the frames of this function (asked for from a CodeLens). */
export interface RevealMessage {
  type: 'reveal';
  functionId: number;
}

/** A new profile begins: forget functions, tree, zoom. */
export interface ResetMessage {
  type: 'reset';
}

/** Show the page in this layout, with this measure; absent: as it is. */
export interface LayoutMessage {
  type: 'layout';
  layout?: PageState['layout'];
  measure?: Measure;
}

/** The memory of the workers: what is new of it, or, where it is whole, all that is known. */
export interface MemoryMessage {
  type: 'memory';
  whole: boolean;
  /** In the order of time, of each worker. */
  points: MemoryPoint[];
  /** As it was last told; names are shortened, and have no control characters. */
  zones: SharedZones | null;
}

/** Whose CPU time or memory it was: each sample is in exactly one row and one column. */
export interface ReportMessage {
  type: 'report';
  measure: Measure;
  rows: TableKey;
  columns: TableKey;
  columnNames: string[];
  entries: ReportEntry[];
  /** Of all samples: on-CPU microseconds, or bytes. */
  weight: number;
  samples: number;
  /** Of bytes: those during bursts. null: not known, and `requestsMissing` says why. */
  requests: number | null;
  requestsMissing: string;
  /** What a request costs in all, in the measure's unit; of bytes an estimate. null: not known. */
  perRequest: number | null;
  /** Bytes a second in all, an estimate; null: not known, or not of bytes. */
  perSecond: number | null;
  /** "Kong 3.9.1"; '' where it is not known. */
  gateway: string;
  /** What is wrong with the grouping rules. */
  problems: string[];
}

export interface ReportEntry {
  /** What the row is found by again. */
  key: string;
  /** The same as it is shown. */
  name: string;
  kind: OwnerKind;
  weight: number;
  samples: number;
  garbageCollector: number;
  jitCompiler: number;
  /** Weight by column. */
  cells: number[];
  /**
   * Cores used in each of the last seconds, oldest first, or the part of the bytes; only of owners.
   */
  trend: number[];
}

export type ToPage =
  | TreeMessage
  | StatusMessage
  | ConfigMessage
  | RevealMessage
  | ResetMessage
  | LayoutMessage
  | ReportMessage
  | MemoryMessage;

/** What of the profile the tree is to show; the extension answers with a tree as soon as it can. */
export interface TreeView {
  measure: Measure;
  /** Only the last so many seconds; 0: since the capture began. */
  windowSeconds: number;
  /**
   * Bit k set: frames of kind k are left out, and what they cost goes to the frame that called
   * them.
   */
  hiddenKinds: number;
}

export type ControlAction =
  'pause' | 'resume' | 'reset' | 'stop' | 'attach' | 'export' | 'heap' | 'log';

export type ToExtension =
  /** The page has loaded, or come back, and knows nothing. */
  | { type: 'ready' }
  | ({ type: 'view' } & TreeView)
  | { type: 'painted'; revision: number; milliseconds: number }
  | { type: 'open'; functionId: number; line: number; toSide: boolean }
  | { type: 'control'; action: ControlAction }
  | { type: 'copy'; text: string }
  /** A report is looked at, and to be kept up to date; null: none is any more. */
  | { type: 'table'; by: { rows: TableKey; columns: TableKey } | null }
  | { type: 'focus'; focus: FocusedRow | null }
  /** The memory of the workers is looked at, or no more. */
  | { type: 'memory'; on: boolean }
  /** A snapshot of the Lua heap of a worker is asked for. */
  | { type: 'heap'; pid: number };

/** Kept through vscode.setState, so that a page that was hidden comes back as it was. */
export interface PageState {
  /** That of the tree in which zoom and selection were made. */
  profile: string;
  /** Path of (function id, kind) from the root to the zoomed frame. */
  zoom: [number, FrameKind][];
  selection: [number, FrameKind][];
  view: TreeView;
  /** The filter of frames of the measure that is not shown; absent: as at first. */
  otherHiddenKinds?: number;
  /** Root at the top; absent: as the configuration says. */
  inverted?: boolean;
  layout: 'graph' | 'table' | 'both' | 'owners' | 'memory';
  /** Rows and columns of the table of owners. */
  table: { rows: TableKey; columns: TableKey };
  search: { text: string; matchCase: boolean; regex: boolean; filter: boolean };
}
