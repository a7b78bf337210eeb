/**
 * A call tree with what drawing, pointing and walking need besides: where each subtree ends and
 * starts.
 */
import { emptyTree as noSamples } from '../../extension/profile/empty-tree';
import type { CallTree } from '../../extension/profile/engine';
import type { FrameKind } from '../../extension/profile/frames';
import { effectiveSamples } from '../../extension/profile/interval';

export interface TreeArrays extends Omit<CallTree, 'whole' | 'wholeSamples'> {
  /** Total at an earlier time; absent: nothing is compared. */
  readonly before?: Float64Array;
  /**
   * How far shares may be off, where nodes have an error: parts of 1, NaN where it is not known.
   */
  readonly errors?: { readonly total: Float32Array; readonly self: Float32Array };
  /** Where totals are what came alone: less what went. */
  readonly net?: Float64Array;
}

export interface Tree extends TreeArrays {
  readonly size: number;
  /** Weight of all samples; more than the root's where stacks were left out of the tree. */
  readonly whole: number;
  /** Number of all samples. */
  readonly wholeSamples: number;
  /** How many samples of equal weight are as sure as these; see effectiveSamples. */
  readonly sureSamples: number;
  /** Samples of each subtree. */
  readonly totalSamples: Float64Array;
  /** Index behind the last node of the subtree. */
  readonly ends: Int32Array;
  readonly depths: Uint16Array;
  /**
   * Left edge in units of weight; the root is at 0, children stand side by side from their
   * parent's.
   */
  readonly starts: Float64Array;
}

/** A frame's identity across trees: functions and kinds from below the root down to the frame. */
export type Path = readonly (readonly [functionId: number, kind: FrameKind])[];

let spare = new Float64Array(0);

/** Kept from tree to tree: fresh memory costs more than the work that is done in it. */
function cursorsFor(size: number): Float64Array {
  if (spare.length < size) spare = new Float64Array(size + (size >> 1));
  spare[0] = 0;
  return spare;
}

export function prepare(
  arrays: TreeArrays,
  whole = arrays.total[0] ?? 0,
  wholeSamples = arrays.samples,
): Tree {
  const { parents, total } = arrays;
  const size = parents.length;
  const ends = new Int32Array(size);
  const depths = new Uint16Array(size);
  const starts = new Float64Array(size);
  const cursors = cursorsFor(size);
  for (let i = 1; i < size; i++) {
    const parent = parents[i]!;
    const start = cursors[parent]!;
    starts[i] = start;
    cursors[i] = start;
    cursors[parent] = start + total[i]!;
    depths[i] = depths[parent]! + 1;
  }
  const totalSamples = Float64Array.from(arrays.selfSamples);
  for (let i = size - 1; i >= 0; i--) {
    if (ends[i] === 0) ends[i] = i + 1;
    const parent = parents[i]!;
    if (parent < 0) continue;
    if (ends[parent]! < ends[i]!) ends[parent] = ends[i]!;
    totalSamples[parent]! += totalSamples[i]!;
  }
  // A part of the samples is as sure, for its number, as all of them.
  const sure = effectiveSamples(arrays.self, arrays.selfSamples);
  const sureSamples = arrays.samples > 0 ? (sure / arrays.samples) * wholeSamples : 0;
  const totals = { totalSamples, wholeSamples, sureSamples };
  return { ...arrays, size, whole, ...totals, ends, depths, starts };
}

export const emptyTree: Tree = prepare(noSamples);

/** Returns the weight that shares are shares of. */
export function weightOf(tree: Tree): number {
  return tree.whole;
}

/** Returns the weight that the width of the graph stands for. */
export function widthOf(tree: Tree): number {
  return tree.total[0] ?? 0;
}

export function isWithin(tree: Tree, node: number, ancestor: number): boolean {
  return node >= ancestor && node < tree.ends[ancestor]!;
}

export function ancestorsOf(tree: Tree, node: number): number[] {
  const nodes: number[] = [];
  for (let i = node; i >= 0; i = tree.parents[i]!) nodes.push(i);
  return nodes.reverse();
}

export function pathOf(tree: Tree, node: number): Path {
  return ancestorsOf(tree, node)
    .slice(1)
    .map((i) => [tree.functions[i]!, tree.kinds[i]!] as const);
}

/** The deepest node that the path leads to, and whether that is its end. */
export function resolve(tree: Tree, path: Path): { node: number; complete: boolean } {
  let node = 0;
  for (const [functionId, kind] of path) {
    const child = findChild(tree, node, functionId, kind);
    if (child < 0) return { node, complete: false };
    node = child;
  }
  return { node, complete: true };
}

function findChild(tree: Tree, parent: number, functionId: number, kind: number): number {
  const end = tree.ends[parent]!;
  for (let i = parent + 1; i < end; i = tree.ends[i]!) {
    if (tree.functions[i] === functionId && tree.kinds[i] === kind) return i;
  }
  return -1;
}

export function childrenOf(tree: Tree, node: number): number[] {
  const children: number[] = [];
  const end = tree.ends[node]!;
  for (let i = node + 1; i < end; i = tree.ends[i]!) children.push(i);
  return children;
}

export function heaviestChild(tree: Tree, node: number): number {
  let best = -1;
  for (const child of childrenOf(tree, node)) {
    if (best < 0 || tree.total[child]! > tree.total[best]!) best = child;
  }
  return best;
}

/** The frame that stands `depth` rows above the root at weight `at`; -1 where there is none. */
export function nodeAt(tree: Tree, depth: number, at: number): number {
  let node = 0;
  for (let row = 0; row < depth; row++) {
    const end = tree.ends[node]!;
    let child = node + 1;
    while (child < end && at >= tree.starts[child]! + tree.total[child]!) child = tree.ends[child]!;
    if (child >= end || at < tree.starts[child]!) return -1;
    node = child;
  }
  return node;
}
