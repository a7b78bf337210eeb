/** Functions by what they cost, from a call tree. */
import type { Tree } from './tree';

export interface HotFunction {
  readonly functionId: number;
  /** Bit k set: it took part in kind k. */
  kinds: number;
  /** The flags of its frames, or-ed. */
  flags: number;
  /** The kind with the most self time, or with the most total where it has no self time. */
  kind: number;
  self: number;
  /** The samples that make up `self`. */
  samples: number;
  /** Counted once per stack, recursion included. */
  total: number;
  /** The frame of it that costs most. */
  node: number;
}

/** @param charged kind that the own time of each node counts for. */
export function hotFunctions(tree: Tree, charged: Uint8Array = tree.kinds): HotFunction[] {
  const byId = new Map<number, HotFunction>();
  // End of the outermost open frame of each function: below it, the function counts no more.
  const openUntil = new Map<number, number>();
  const kindSelf = new Map<HotFunction, Float64Array>();
  for (let i = 1; i < tree.size; i++) {
    const functionId = tree.functions[i]!;
    const kind = tree.kinds[i]!;
    let row = byId.get(functionId);
    if (row === undefined) {
      row = { functionId, kinds: 0, flags: 0, kind, self: 0, samples: 0, total: 0, node: i };
      byId.set(functionId, row);
      kindSelf.set(row, new Float64Array(32));
    }
    row.kinds |= 1 << kind;
    row.flags |= tree.flags[i]!;
    row.self += tree.self[i]!;
    const selfs = kindSelf.get(row)!;
    selfs[charged[i]! & 31]! += tree.self[i]!;
    row.samples += tree.selfSamples[i]!;
    if (tree.total[i]! > tree.total[row.node]!) row.node = i;
    if ((openUntil.get(functionId) ?? 0) <= i) {
      openUntil.set(functionId, tree.ends[i]!);
      row.total += tree.total[i]!;
    }
  }
  for (const [row, selfs] of kindSelf) {
    const most = selfs.reduce((best, self, kind) => (self > selfs[best]! ? kind : best), 0);
    if (selfs[most]! > 0) row.kind = most;
    else row.kind = tree.kinds[row.node]!;
  }
  return [...byId.values()];
}
