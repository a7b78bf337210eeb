/** How much each object and each holder holds alone, and whose each object is. */
import { dominatorTree } from './dominators';
import { Edge, type HeapGraph } from './graph';
import { type Holders, rootNames } from './holders';

export interface Retained {
  /** Nodes, each after its dominator. */
  readonly order: Uint32Array;
  readonly dominators: Uint32Array;
  /** Bytes and objects, by node, its own included. */
  readonly bytes: Float64Array;
  readonly objects: Uint32Array;
}

export function retainedSizes(graph: HeapGraph, holders: Holders): Retained {
  attachTheRest(graph, holders);
  const { nodes } = holders;
  const { order, dominators } = dominatorTree(flowGraph(graph, holders));
  const bytes = new Float64Array(nodes);
  const objects = new Uint32Array(nodes);
  for (let id = 1; id <= graph.count; id++) {
    bytes[id] = graph.sizes[id]!;
    objects[id] = 1;
  }
  // A VM's record stands for what is in no object.
  for (const { id } of graph.vms) objects[id] = 0;
  for (let i = order.length - 1; i > 0; i--) {
    const node = order[i]!;
    const above = dominators[node]!;
    bytes[above] = bytes[above]! + bytes[node]!;
    objects[above] = objects[above]! + objects[node]!;
  }
  return { order, dominators, bytes, objects };
}

/** Compiled code keeps what it was compiled with, and holds only what nobody else does. */
function counts(graph: HeapGraph, holders: Holders, edge: number): boolean {
  return holders.attached[graph.targets[edge]!] === 0 && graph.labels[edge] !== Edge.traceConstant;
}

/** What only compiled code leads to gets a holder of its own. */
function attachTheRest(graph: HeapGraph, holders: Holders): void {
  const seen = new Uint8Array(graph.count + 1);
  const stack: number[] = [];
  const spread = (from: number) => {
    seen[from] = 1;
    stack.push(from);
    for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
      for (let i = graph.firstEdge[id]!; i < graph.firstEdge[id + 1]!; i++) {
        const target = graph.targets[i]!;
        if (seen[target] !== 0 || !counts(graph, holders, i)) continue;
        seen[target] = 1;
        stack.push(target);
      }
    }
  };
  for (let id = 1; id <= graph.count; id++)
    if (holders.attached[id] !== 0 && seen[id] === 0) spread(id);
  for (let id = 1; id <= graph.count; id++) {
    if (seen[id] !== 0) continue;
    holders.attached[id] = holders.owner(rootNames.compiled, 'other').node;
    spread(id);
  }
}

function flowGraph(graph: HeapGraph, holders: Holders) {
  const { nodes, attached, all } = holders;
  const firstEdge = new Uint32Array(nodes + 1);
  for (let id = 1; id <= graph.count; id++) {
    let kept = 0;
    for (let i = graph.firstEdge[id]!; i < graph.firstEdge[id + 1]!; i++)
      if (counts(graph, holders, i)) kept++;
    firstEdge[id + 1] = kept;
    const holder = attached[id]!;
    if (holder !== 0) firstEdge[holder + 1] = firstEdge[holder + 1]! + 1;
  }
  for (const { owner } of all) firstEdge[owner + 1] = firstEdge[owner + 1]! + 1;
  for (let node = 0; node < nodes; node++)
    firstEdge[node + 1] = firstEdge[node + 1]! + firstEdge[node]!;
  const targets = new Uint32Array(firstEdge[nodes]!);
  const filled = firstEdge.slice(0, nodes);
  const put = (from: number, to: number) => {
    targets[filled[from]!] = to;
    filled[from] = filled[from]! + 1;
  };
  for (const { owner, node } of all) put(owner, node);
  for (let id = 1; id <= graph.count; id++) {
    for (let i = graph.firstEdge[id]!; i < graph.firstEdge[id + 1]!; i++)
      if (counts(graph, holders, i)) put(id, graph.targets[i]!);
    if (attached[id] !== 0) put(attached[id]!, id);
  }
  return { nodes, firstEdge, targets };
}
