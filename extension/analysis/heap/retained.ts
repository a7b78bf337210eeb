/** How much each object and each holder holds alone, and whose each object is. */
import { dominatorTree } from './dominators';
import type { HeapGraph } from './graph';
import { type Holders, rootNames } from './holders';
import { Levels } from './levels';
import { divideShared } from './shared';

export interface Retained {
  /** Nodes, each after its dominator. */
  readonly order: Uint32Array;
  readonly dominators: Uint32Array;
  /** Bytes and objects, by node, its own included. */
  readonly bytes: Float64Array;
  readonly objects: Uint32Array;
}

export function retainedSizes(graph: HeapGraph, holders: Holders): Retained {
  const levels = new Levels(graph, holders);
  levels.forTheRest((id) => {
    holders.attached[id] = holders.owner(rootNames.compiled, 'other').node;
  });
  holders.owner(rootNames.core, 'core');
  const { nodes } = holders;
  const flow = flowGraph(graph, holders, levels);
  const { order, dominators } = divideShared(graph, holders, flow, dominatorTree(flow));
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

function flowGraph(graph: HeapGraph, holders: Holders, levels: Levels) {
  const { nodes, attached, all } = holders;
  const firstEdge = new Uint32Array(nodes + 1);
  for (let id = 1; id <= graph.count; id++) {
    let kept = 0;
    for (let i = graph.firstEdge[id]!; i < graph.firstEdge[id + 1]!; i++)
      if (levels.holds(id, i)) kept++;
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
      if (levels.holds(id, i)) put(id, graph.targets[i]!);
    if (attached[id] !== 0) put(attached[id]!, id);
  }
  return { nodes, firstEdge, targets };
}
