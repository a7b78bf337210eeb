/** Leaves of a tree only the stacks in which something was found. */
import { prepare, weightOf, type Tree } from './tree';

/**
 * The stacks that lead to a found frame, and all that found frames call. Callers keep only what
 * found frames cost; shares stay shares of all samples, so that a filter never makes anything look
 * dearer than it is.
 */
export function onlyFound(tree: Tree, found: Uint8Array): Tree {
  return onlyFrom(tree, (node) => found[tree.functions[node]!] === 1);
}

/** The same for frames that are told by their place in the tree. */
export function onlyFrom(tree: Tree, begins: (node: number) => boolean): Tree {
  const { size, parents } = tree;
  const within = new Uint8Array(size);
  for (let i = 1; i < size; i++) if (within[parents[i]!] === 1 || begins(i)) within[i] = 1;
  const part = (of: Float64Array): Float64Array => {
    const sums = new Float64Array(size);
    for (let i = size - 1; i > 0; i--) {
      if (within[i] === 1) sums[i] = of[i]!;
      const parent = parents[i]!;
      if (within[parent] === 0) sums[parent] = sums[parent]! + sums[i]!;
    }
    return sums;
  };
  const total = part(tree.total);
  const selfSamples = (i: number): number => (within[i] === 1 ? tree.selfSamples[i]! : 0);
  const before = tree.before && part(tree.before);
  const net = tree.net && part(tree.net);
  const kept: number[] = [0];
  let samples = 0;
  const moved = new Int32Array(size);
  for (let i = 1; i < size; i++) {
    if (!(total[i]! > 0)) continue;
    moved[i] = kept.push(i) - 1;
    samples += selfSamples(i);
  }
  const errorsOf = (of: Float32Array) =>
    Float32Array.from(kept, (i) => (within[i] === 1 ? of[i]! : NaN));
  const { errors } = tree;
  return prepare(
    {
      parents: Int32Array.from(kept, (i) => (i === 0 ? -1 : moved[parents[i]!]!)),
      functions: Uint32Array.from(kept, (i) => tree.functions[i]!),
      kinds: Uint8Array.from(kept, (i) => tree.kinds[i]!),
      flags: Uint8Array.from(kept, (i) => tree.flags[i]!),
      self: Float64Array.from(kept, (i) => (within[i] === 1 ? tree.self[i]! : 0)),
      total: Float64Array.from(kept, (i) => total[i]!),
      selfSamples: Float64Array.from(kept, selfSamples),
      lines: Uint32Array.from(kept, (i) => tree.lines[i]!),
      samples,
      frameless: 0,
      ...(errors && { errors: { total: errorsOf(errors.total), self: errorsOf(errors.self) } }),
      ...(before && { before: Float64Array.from(kept, (i) => before[i]!) }),
      ...(net && { net: Float64Array.from(kept, (i) => net[i]!) }),
    },
    weightOf(tree),
    tree.wholeSamples,
  );
}
