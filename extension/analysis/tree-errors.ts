/** How far the shares of a call tree and of its functions may be off that was watched in bursts. */
import { inTurns } from '../common/turns';
import type { CallTree, Query } from '../profile/engine';
import type { ProfileView } from '../profile/store';
import { Moments } from './burst-errors';

/** Halves of intervals of 95 %, as parts of 1. */
export interface TreeErrors {
  /** By node of the tree. */
  readonly total: Float32Array;
  readonly self: Float32Array;
  /** By function id. */
  readonly functionTotal: Float32Array;
  readonly functionSelf: Float32Array;
}

/**
 * @param tree of all of the parts, with the same filter of frames.
 * @param parts stretches of its time, each with bursts of its own.
 * @param functions the highest function id.
 * @returns undefined where there are not two parts to compare.
 */
export async function treeErrors(
  profile: ProfileView,
  tree: CallTree,
  parts: readonly Query[],
  functions: number,
): Promise<TreeErrors | undefined> {
  const size = tree.parents.length;
  const total = new Moments(size);
  const self = new Moments(size);
  const functionTotal = new Moments(functions + 1);
  const functionSelf = new Moments(functions + 1);
  const all = [total, self, functionTotal, functionSelf];
  const nodeOf = new Nodes(tree);
  for (const part of parts) {
    const seen = await profile.callTree(part);
    const table = await profile.functionTable(part);
    const weight = seen.whole ?? seen.total[0]!;
    if (!(weight > 0)) continue;
    for (const moments of all) moments.begin(weight);
    const nodes = await nodeOf.those(seen);
    await inTurns(nodes.length, (i) => {
      total.add(nodes[i]!, seen.total[i]!);
      self.add(nodes[i]!, seen.self[i]!);
    });
    await inTurns(table.functions.length, (row) => {
      functionTotal.add(table.functions[row]!, table.total[row]!);
      functionSelf.add(table.functions[row]!, table.self[row]!);
    });
  }
  if (total.parts < 2) return undefined;
  const samples = tree.wholeSamples ?? tree.samples;
  const halves = async (moments: Moments, count: number): Promise<Float32Array> => {
    const made = new Float32Array(count);
    await inTurns(count, (i) => (made[i] = moments.half(i, samples)));
    return made;
  };
  return {
    total: await halves(total, size),
    self: await halves(self, size),
    functionTotal: await halves(functionTotal, functions + 1),
    functionSelf: await halves(functionSelf, functions + 1),
  };
}

/** Finds the nodes of other trees in this one; siblings stand in the same order in all of them. */
class Nodes {
  private readonly ends: Int32Array;

  constructor(private readonly tree: CallTree) {
    const { parents } = tree;
    this.ends = new Int32Array(parents.length);
    for (let i = parents.length - 1; i >= 0; i--) {
      this.ends[i] = Math.max(this.ends[i]!, i + 1);
      const parent = parents[i]!;
      if (parent >= 0) this.ends[parent] = Math.max(this.ends[parent]!, this.ends[i]!);
    }
  }

  /** By node of the other tree; -1: it is not in this one. */
  async those(other: CallTree): Promise<Int32Array> {
    const nodes = new Int32Array(other.parents.length);
    /** By node of this tree, the child that may be the next. */
    const next = new Int32Array(this.ends.length);
    await inTurns(nodes.length - 1, (before) => {
      const i = before + 1;
      const parent = nodes[other.parents[i]!]!;
      nodes[i] = -1;
      if (parent < 0) return;
      const end = this.ends[parent]!;
      let child = next[parent] || parent + 1;
      while (child < end && !this.isSame(child, other, i)) child = this.ends[child]!;
      if (child >= end) return;
      nodes[i] = child;
      next[parent] = this.ends[child]!;
    });
    return nodes;
  }

  private isSame(node: number, other: CallTree, i: number): boolean {
    const { functions, kinds } = this.tree;
    return functions[node] === other.functions[i] && kinds[node] === other.kinds[i];
  }
}
