import type { CallTree } from './engine';
import { hottestLines } from './hottest-lines';
import { preorder } from './node-order';
import { NodeTable } from './node-table';
import type { StackSums } from './sample-log';
import { totalsOf } from './stack-totals';
import type { StackTrie } from './stack-trie';

/**
 * Merges the sampled stacks into a call tree: stacks that differ only in lines and flags share a
 * node.
 * @throws RangeError where `ranks` is shorter than the functions in use.
 */
export function buildCallTree(
  trie: StackTrie,
  sums: StackSums,
  hiddenKinds: number,
  ranks: Uint32Array,
): CallTree {
  const totals = totalsOf(trie, sums);
  const nodes = new NodeTable();
  const ownNode = assignNodes(trie, sums, hiddenKinds, nodes);
  const order = preorder(nodes, ranks);
  const hottest = hottestLines(trie, ownNode, totals, nodes.length);

  const n = nodes.length;
  const place = new Uint32Array(n);
  for (let i = 0; i < n; i++) place[order[i]!] = i;
  const parents = new Int32Array(n);
  const functions = new Uint32Array(n);
  const kinds = new Uint8Array(n);
  const flags = new Uint8Array(n);
  const self = new Float64Array(n);
  const selfSamples = new Float64Array(n);
  const lines = new Uint32Array(n);
  for (let i = 0; i < n; i++) {
    const node = order[i]!;
    parents[i] = i === 0 ? -1 : place[nodes.parents.data[node]!]!;
    functions[i] = nodes.functions.data[node]!;
    kinds[i] = nodes.kinds.data[node]!;
    flags[i] = nodes.flags.data[node]!;
    self[i] = nodes.self.data[node]!;
    selfSamples[i] = nodes.samples.data[node]!;
    lines[i] = hottest[node]!;
  }
  const total = Float64Array.from(self);
  for (let i = n - 1; i > 0; i--) total[parents[i]!]! += total[i]!;
  const arrays = { parents, functions, kinds, flags, self, total, selfSamples, lines };
  return { ...arrays, samples: sums.samples, frameless: sums.self[0]! };
}

/**
 * Adds the nodes and their self weights; returns the node of each stack that has one of its own.
 */
function assignNodes(trie: StackTrie, sums: StackSums, hiddenKinds: number, nodes: NodeTable) {
  const ownNode = new Uint32Array(trie.stacks + 1);
  /** The node that a stack's cost goes to: its own, or that of the nearest frame that is shown. */
  const costNode = new Uint32Array(trie.stacks + 1);
  const frames = trie.stackFrames.data;
  const parents = trie.stackParents.data;
  nodes.self.data[0] = sums.self[0]!;
  nodes.samples.data[0] = sums.counts[0]!;
  for (let stack = 1; stack <= trie.stacks; stack++) {
    if (sums.seen[stack] === 0) continue;
    const frame = frames[stack]!;
    const kind = trie.frameKinds.data[frame]!;
    let node = costNode[parents[stack]!]!;
    if (((hiddenKinds >>> kind) & 1) === 0) {
      node = nodes.findOrAdd(node, trie.frameFunctions.data[frame]!, kind);
      nodes.flags.data[node]! |= trie.frameFlags.data[frame]!;
      ownNode[stack] = node;
    }
    costNode[stack] = node;
    nodes.self.data[node]! += sums.self[stack]!;
    nodes.samples.data[node]! += sums.counts[stack]!;
  }
  return ownNode;
}
