/**
 * Who alone holds what: the dominator tree, by the algorithm of Lengauer and Tarjan with path
 * compression. Arrays are by position in a depth-first order, so that neighbours lie close.
 */

/** A graph whose node 0 leads to all others that count. */
export interface FlowGraph {
  readonly nodes: number;
  /** Index of a node's first edge; that of the next node ends them. */
  readonly firstEdge: Uint32Array;
  readonly targets: Uint32Array;
}

export interface DominatorTree {
  /** The nodes that node 0 leads to, each after its dominator. */
  readonly order: Uint32Array;
  /** By node: the one that dominates it at once; 0 for the root and what it does not lead to. */
  readonly dominators: Uint32Array;
}

export function dominatorTree(graph: FlowGraph): DominatorTree {
  const { order, positions, parents } = depthFirst(graph);
  const count = order.length;
  const { firstSource, sources } = reverse(graph, positions, count);
  const forest = new Forest(count);
  const { semi } = forest;
  const dominators = new Uint32Array(count);
  const same = new Uint32Array(count);
  const bucketHead = new Uint32Array(count);
  const bucketNext = new Uint32Array(count);
  for (let node = count - 1; node > 0; node--) {
    const parent = parents[node]!;
    let best = parent;
    for (let i = firstSource[node]!; i < firstSource[node + 1]!; i++) {
      const source = sources[i]!;
      const candidate = source <= node ? source : semi[forest.lowest(source)]!;
      if (candidate < best) best = candidate;
    }
    semi[node] = best;
    bucketNext[node] = bucketHead[best]!;
    bucketHead[best] = node;
    forest.ancestor[node] = parent;
    forest.linked[node] = 1;
    for (let held = bucketHead[parent]!; held !== 0; held = bucketNext[held]!) {
      const low = forest.lowest(held);
      if (semi[low] === semi[held]) dominators[held] = parent;
      else same[held] = low;
    }
    bucketHead[parent] = 0;
  }
  for (let node = 1; node < count; node++)
    if (same[node] !== 0) dominators[node] = dominators[same[node]!]!;
  const byNode = new Uint32Array(graph.nodes);
  for (let node = 1; node < count; node++) byNode[order[node]!] = order[dominators[node]!]!;
  return { order, dominators: byNode };
}

function depthFirst({ nodes, firstEdge, targets }: FlowGraph) {
  const order = new Uint32Array(nodes);
  /** One more than the place in `order`; 0: not come to yet. */
  const positions = new Uint32Array(nodes);
  const parents = new Uint32Array(nodes);
  const stack = new Uint32Array(nodes);
  const edges = new Uint32Array(nodes);
  let depth = 1;
  let count = 1;
  positions[0] = 1;
  edges[0] = firstEdge[0]!;
  while (depth > 0) {
    const node = stack[depth - 1]!;
    const edge = edges[node]!;
    if (edge === firstEdge[node + 1]!) {
      depth--;
      continue;
    }
    edges[node] = edge + 1;
    const target = targets[edge]!;
    if (positions[target] !== 0) continue;
    parents[count] = positions[node]! - 1;
    order[count] = target;
    positions[target] = ++count;
    edges[target] = firstEdge[target]!;
    stack[depth++] = target;
  }
  return { order: order.subarray(0, count), positions, parents };
}

/** Where edges come from, by place in the order. */
function reverse(graph: FlowGraph, positions: Uint32Array, count: number) {
  const { nodes, firstEdge, targets } = graph;
  const firstSource = new Uint32Array(count + 1);
  for (let node = 0; node < nodes; node++) {
    if (positions[node] === 0) continue;
    for (let i = firstEdge[node]!; i < firstEdge[node + 1]!; i++) {
      const place = positions[targets[i]!]!;
      firstSource[place] = firstSource[place]! + 1;
    }
  }
  for (let place = 0; place < count; place++)
    firstSource[place + 1] = firstSource[place + 1]! + firstSource[place]!;
  const sources = new Uint32Array(firstSource[count]!);
  const filled = firstSource.slice(0, count);
  for (let node = 0; node < nodes; node++) {
    const from = positions[node]!;
    if (from === 0) continue;
    for (let i = firstEdge[node]!; i < firstEdge[node + 1]!; i++) {
      const to = positions[targets[i]!]! - 1;
      sources[filled[to]!] = from - 1;
      filled[to] = filled[to]! + 1;
    }
  }
  return { firstSource, sources };
}

class Forest {
  readonly semi: Uint32Array;
  readonly ancestor: Uint32Array;
  readonly linked: Uint8Array;
  private readonly best: Uint32Array;
  private readonly path: Uint32Array;

  constructor(count: number) {
    this.semi = new Uint32Array(count);
    for (let node = 0; node < count; node++) this.semi[node] = node;
    this.best = this.semi.slice();
    this.ancestor = new Uint32Array(count);
    this.linked = new Uint8Array(count);
    this.path = new Uint32Array(count);
  }

  /** The node with the lowest semidominator on the way up to the root of `node`'s tree. */
  lowest(node: number): number {
    const { semi, ancestor, linked, best, path } = this;
    let length = 0;
    for (let at = node; linked[ancestor[at]!] !== 0; at = ancestor[at]!) path[length++] = at;
    while (length-- > 0) {
      const at = path[length]!;
      const above = ancestor[at]!;
      if (semi[best[above]!]! < semi[best[at]!]!) best[at] = best[above]!;
      ancestor[at] = ancestor[above]!;
    }
    return best[node]!;
  }
}
