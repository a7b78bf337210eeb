import type { NodeTable } from './node-table';

/**
 * The nodes in preorder, siblings by rank of their function, then function id, then kind. Two
 * counting sorts put all nodes in sibling order at once; handing them to their parents from the
 * last to the first leaves every list of children sorted, in time linear in the nodes.
 * @throws RangeError where `ranks` is shorter than the functions in use.
 */
export function preorder(nodes: NodeTable, ranks: Uint32Array): Uint32Array {
  const n = nodes.length;
  const positions = functionPositions(nodes, ranks);
  const functions = nodes.functions.data;
  const kinds = nodes.kinds.data;
  const byKind = countingSort(
    Uint32Array.from({ length: n - 1 }, (_, i) => i + 1),
    32,
    (node) => kinds[node]!,
  );
  const ordered = countingSort(byKind, n, (node) => positions[functions[node]!]!);

  const firstChild = new Uint32Array(n);
  const nextSibling = new Uint32Array(n);
  const parents = nodes.parents.data;
  for (let i = ordered.length - 1; i >= 0; i--) {
    const node = ordered[i]!;
    const parent = parents[node]!;
    nextSibling[node] = firstChild[parent]!;
    firstChild[parent] = node;
  }
  return walk(n, parents, firstChild, nextSibling);
}

function walk(n: number, parents: Uint32Array, firstChild: Uint32Array, nextSibling: Uint32Array) {
  const order = new Uint32Array(n);
  let node = 0;
  for (let i = 1; i < n; i++) {
    let next = firstChild[node]!;
    while (next === 0) {
      next = nextSibling[node]!;
      if (next === 0) node = parents[node]!;
    }
    node = next;
    order[i] = node;
  }
  return order;
}

/** Place of each function that has a node, by rank, then id; dense from 0. */
function functionPositions(nodes: NodeTable, ranks: Uint32Array): Uint32Array {
  const functions = nodes.functions.data;
  let highest = 0;
  for (let node = 1; node < nodes.length; node++) highest = Math.max(highest, functions[node]!);
  if (highest >= ranks.length && highest > 0)
    throw new RangeError(`function ${highest} has no rank, ${ranks.length} ranks were given`);
  const positions = new Uint32Array(highest + 1);
  for (let node = 1; node < nodes.length; node++) positions[functions[node]!] = 1;
  const used: number[] = [];
  for (let id = 1; id <= highest; id++) if (positions[id] === 1) used.push(id);
  used.sort((a, b) => ranks[a]! - ranks[b]! || a - b);
  used.forEach((id, position) => (positions[id] = position));
  return positions;
}

/** Stable; keys are below `limit`. */
function countingSort(items: Uint32Array, limit: number, key: (item: number) => number) {
  const ends = new Uint32Array(limit + 1);
  for (const item of items) ends[key(item) + 1]!++;
  for (let i = 0; i < limit; i++) ends[i + 1]! += ends[i]!;
  const sorted = new Uint32Array(items.length);
  for (const item of items) sorted[ends[key(item)]!++] = item;
  return sorted;
}
