/**
 * The engine of the profile store: a trie of stacks, a log of rows with their times for each series
 * of stacks, and the call tree of any window of time. Functions and frames are numbers to it. There
 * are two of them with the same answers, one in C++ (native/addon) and one in TypeScript
 * (engine-ts.ts).
 */
import type { Measure } from './series';

/** Of each count, or of each row; whole numbers. */
export type Weights = number | Float64Array;

/** A window of time and what of it to look at. Times are microseconds since the capture began. */
export interface Query {
  /** Which series; absent: the one that is shown at first. */
  readonly measure?: Measure;
  /** Inclusive. */
  readonly fromUs: number;
  /** Exclusive; Infinity: to the end. */
  readonly toUs: number;
  /** Only these workers; empty or absent: all. */
  readonly pids?: Uint32Array;
  /** By id of a label set: 1 where its samples are wanted; ids beyond its end are not. Absent: all. */
  readonly labels?: Uint8Array;
  /** The same by id of a request; entry 0: the samples without one. */
  readonly requests?: Uint8Array;
  /** The same by stack id; entry 0: the samples without a frame. */
  readonly stacks?: Uint8Array;
  /** Bit k set: frames of kind k are left out, and what they cost goes to the frame below them. */
  readonly hiddenKinds?: number;
}

/**
 * A call tree in preorder; node 0 is the root and stands for all samples of the query. A node is a
 * function in one frame kind under one parent. All arrays have one length. Weights are in the
 * query's measure.
 */
export interface CallTree {
  /** Index of the parent; -1 for the root. */
  readonly parents: Int32Array;
  /** Function id; 0 for the root. */
  readonly functions: Uint32Array;
  readonly kinds: Uint8Array;
  /** Flags of the node's frames, or-ed. */
  readonly flags: Uint8Array;
  readonly self: Float64Array;
  readonly total: Float64Array;
  /** Samples that `self` is made of: with a rate that changed, weights do not tell their number. */
  readonly selfSamples: Float64Array;
  /** The line with the most weight in the node (of equal ones the lowest); 0: none known. */
  readonly lines: Uint32Array;
  /** How many samples the query took in. */
  readonly samples: number;
  /** Of the root's own weight, that of samples without any frame; the rest is of hidden ones. */
  readonly frameless: number;
  /** Weight of all samples of the query, where the tree leaves some out; else the root's. */
  readonly whole?: number;
  /** Number of the samples that `whole` is the weight of. */
  readonly wholeSamples?: number;
}

/**
 * Functions that took part, by ascending id. A function counts once per sample, recursion included,
 * and so does each of its lines. Row i owns entries lineStarts[i] to lineStarts[i + 1] of the line
 * arrays, which hold its known lines (above 0), ascending.
 */
export interface FunctionTable {
  readonly functions: Uint32Array;
  readonly self: Float64Array;
  readonly total: Float64Array;
  readonly lineStarts: Uint32Array;
  readonly lines: Uint32Array;
  readonly lineSelf: Float64Array;
  readonly lineTotal: Float64Array;
  /** Weight of all samples of the query, with those that have no such frame. */
  readonly weight: number;
  readonly samples: number;
}

/**
 * The stacks that samples of the query have as theirs, by ascending id; id 0: samples without a
 * frame.
 */
export interface StackTable {
  readonly stacks: Uint32Array;
  readonly weights: Float64Array;
  /** Samples of each stack. */
  readonly counts: Float64Array;
  /** Weight of all samples of the query. */
  readonly weight: number;
  readonly samples: number;
}

/**
 * Samples by stack and by groups of their labels and requests, ascending in this order. All arrays
 * have one length.
 */
export interface GroupTable {
  /** 0: no frame. */
  readonly stacks: Uint32Array;
  readonly labelGroups: Uint32Array;
  readonly requestGroups: Uint32Array;
  readonly weights: Float64Array;
  readonly counts: Float64Array;
  /** Weight of all samples of the query. */
  readonly weight: number;
  readonly samples: number;
}

/**
 * Ids are checked: what does not fit is a RangeError, thrown before anything of the call is taken
 * in. A query answers for what had been appended when it was asked.
 */
export interface ProfileEngine {
  /** Appends frames (ids follow the last); arrays of one length. */
  addFrames(functions: Uint32Array, kinds: Uint8Array, lines: Uint32Array, flags: Uint8Array): void;
  /** Appends stacks (parent stack id or 0, frame id); a parent must be older than its child. */
  addStacks(parents: Uint32Array, frames: Uint32Array): void;
  /**
   * Appends the rows of one interval to a series; the first ones make it. Times of a series never go
   * back. Labels and requests are ids that mean nothing to the engine; absent: all 0.
   * @param weights of one count of these rows, a number of 32 bits, or of each row. A series has the
   *   one or the other; rows with weight of their own need no count.
   */
  append(
    series: string,
    timeUs: number,
    stacks: Uint32Array,
    pids: Uint32Array,
    counts: Uint32Array,
    weights: Weights,
    labels?: Uint32Array,
    requests?: Uint32Array,
  ): void;
  /**
   * @param ranks rank of each function id (index 0 unused) in the order in which siblings are to
   *   stand; ties are broken by function id, then kind.
   * @throws RangeError (as a rejection) where ranks is shorter than the functions in use.
   */
  callTree(query: Query, ranks: Uint32Array): Promise<CallTree>;
  functionTable(query: Query): Promise<FunctionTable>;
  /** Leaves {@link Query.hiddenKinds} aside: a stack is what it is. */
  stackTable(query: Query): Promise<StackTable>;
  /**
   * Leaves {@link Query.hiddenKinds} aside as well.
   * @param labelGroups group of each label set, by id; of ids beyond its end: 0.
   * @param requestGroups the same of requests.
   */
  groupTable(
    query: Query,
    labelGroups: Uint32Array,
    requestGroups: Uint32Array,
  ): Promise<GroupTable>;
  /** Forgets the rows of all series; dictionaries stay. */
  clear(): void;
}
