/** The topic `tree`: the flame graph and the table of functions. */
import type { Measure } from '../profile/series';

/** The part of the profile that the tree is to show; an answer comes as soon as it can. */
export interface TreeView {
  measure: Measure;
  /** Only the last so many seconds; 0: since the capture began. */
  windowSeconds: number;
  /** Only this time, in microseconds since the capture began, in place of the last seconds. */
  range?: readonly [fromUs: number, toUs: number];
  /**
   * Bit k set: frames of kind k are left out, and what they cost goes to the frame that called
   * them.
   */
  hiddenKinds: number;
}

/** The same without the time that was chosen in it. */
export function withoutRange({ measure, windowSeconds, hiddenKinds }: TreeView): TreeView {
  return { measure, windowSeconds, hiddenKinds };
}

/** The unit of a tree's weights. See webview/graph/units.ts. */
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
  selfSamples: Float64Array;
  lines: Uint32Array;
  samples: number;
  frameless: number;
  /** Weight and number of all samples, where the tree leaves some out. */
  whole?: number;
  wholeSamples?: number;
  /** Absent: microseconds on a CPU. */
  unit?: UnitName;
  /** Total at an earlier time, where two are compared. */
  before?: Float64Array;
  /** Functions that the page has not been told yet; ids from `firstFunction` on. */
  firstFunction: number;
  newFunctions: FunctionRow[];
}

/**
 * How far the shares of a tree may be off that was watched in bursts: halves of intervals of 95 %, as
 * parts of 1. It follows the tree, where there were two bursts to compare.
 */
export interface ShareErrorsMessage {
  type: 'shareErrors';
  /** The tree's. */
  revision: number;
  /** By node. */
  total: Float32Array;
  self: Float32Array;
  /** By function id. */
  functionTotal: Float32Array;
  functionSelf: Float32Array;
}

/** Of many new functions, some: they come before the tree that is the first to need them. */
export type FunctionsMessage = Pick<TreeMessage, 'profile' | 'firstFunction' | 'newFunctions'> & {
  type: 'functions';
};

export interface FunctionRow {
  /**
   * At most 1 024 characters; control and bidirectional characters are replaced by visible ones.
   */
  name: string;
  /** Its compiler's name for it, where that is another. */
  symbol?: string;
  /** Chunk name or path, shortened likewise. */
  file: string;
  line: number;
  lastLine: number;
  /** Whether there is a source to jump to. */
  hasSource: boolean;
}
