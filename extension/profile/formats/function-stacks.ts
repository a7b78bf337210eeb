import { FrameKind } from '../frames';
import { NodeTable } from '../node-table';
import type { ProfileSnapshot } from './snapshot';

/** The stacks of an export in terms of functions: those that differ only in lines are one. */
export interface FunctionStacks {
  /** Node 0 is the root; a stack is a path to it. Parents are older than their children. */
  readonly nodes: NodeTable;
  /** Weight and samples whose stack ends in the node; of the root: those without a frame. */
  readonly weights: Float64Array;
  readonly counts: Float64Array;
}

/**
 * A Lua function is one function here whether it ran interpreted or compiled: other tools have no
 * more than its name, file and line to know it by.
 */
export function mergeByFunction(snapshot: ProfileSnapshot): FunctionStacks {
  const { frames, stackParents, stackFrames, samples } = snapshot;
  const nodes = new NodeTable();
  const nodeOf = new Map<number, number>([[0, 0]]);

  const resolve = (leaf: number): number => {
    // Up to what is known, then back down: without recursion, since stacks may be deep.
    const path: number[] = [];
    let stack = leaf;
    let known = nodeOf.get(stack);
    while (known === undefined) {
      path.push(stack);
      stack = stackParents[stack - 1]!;
      known = nodeOf.get(stack);
    }
    for (let i = path.length - 1; i >= 0; i--) {
      const frame = frames[stackFrames[path[i]! - 1]! - 1]!;
      const kind = frame.kind === FrameKind.LuaJit ? FrameKind.Lua : frame.kind;
      known = nodes.findOrAdd(known, frame.function, kind);
      nodeOf.set(path[i]!, known);
    }
    return known;
  };

  const leaves = Array.from(samples.stacks, resolve);
  const weights = new Float64Array(nodes.length);
  const counts = new Float64Array(nodes.length);
  leaves.forEach((node, row) => {
    weights[node]! += samples.weights[row]!;
    counts[node]! += samples.counts[row]!;
  });
  return { nodes, weights, counts };
}

/** The nodes from the one next to the root to `leaf`. */
export function pathTo(nodes: NodeTable, leaf: number): number[] {
  const path: number[] = [];
  for (let node = leaf; node !== 0; node = nodes.parents.data[node]!) path.push(node);
  return path.reverse();
}
