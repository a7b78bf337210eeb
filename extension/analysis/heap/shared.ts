/**
 * The owner of what several hold, where that can be told. An object of a class belongs to the
 * module that is the class, a function to that of its file, if that is a plugin's or one of the
 * gateway's parts. An object that the gateway holds stays when a plugin goes: it is the gateway's,
 * whoever else refers to it; that of several of its parts is theirs together. All else stays
 * shared.
 */
import type { DominatorTree, FlowGraph } from './dominators';
import { Edge, type HeapGraph } from './graph';
import { Growing } from './growing';
import { type Holders, rootNames } from './holders';
import { follow } from './modules';

/** The tree with what is shared below who it is given to. */
export function divideShared(
  graph: HeapGraph,
  holders: Holders,
  flow: FlowGraph,
  tree: DominatorTree,
): DominatorTree {
  const shared = new Shared(graph, holders, flow, tree);
  return shared.divided();
}

class Shared {
  /** Shared objects: those that the root alone dominates. */
  private readonly nodes: readonly number[];
  private readonly isShared: Uint8Array;
  /** By node that is a top, a holder or a shared object: index of the first that it leads to. */
  private readonly firstTarget: Uint32Array;
  private readonly targets: Uint32Array;
  /** By shared object: 1 where a part of the gateway holds it. */
  private readonly ofCore: Uint8Array;
  /** By shared object: the holder it is given to; 0: nobody yet, or several. */
  private readonly given: Uint32Array;
  /** By shared object: 1 where it is known whose it is, 2 where several hold it. */
  private readonly settled: Uint8Array;
  private readonly stack: number[] = [];

  constructor(
    private readonly graph: HeapGraph,
    private readonly holders: Holders,
    private readonly flow: FlowGraph,
    private readonly tree: DominatorTree,
  ) {
    this.isShared = new Uint8Array(flow.nodes);
    this.nodes = this.findShared();
    [this.firstTarget, this.targets] = this.linkTops(this.findTops());
    this.ofCore = new Uint8Array(flow.nodes);
    this.given = new Uint32Array(flow.nodes);
    this.settled = new Uint8Array(flow.nodes);
    this.markCore();
    this.giveInstances();
    this.giveTheRest();
  }

  divided(): DominatorTree {
    const { order, dominators } = this.tree;
    const together = this.holders.owner(rootNames.core, 'core').node;
    for (const node of this.nodes) {
      if (this.given[node] !== 0) dominators[node] = this.given[node]!;
      else if (this.ofCore[node] !== 0) dominators[node] = together;
    }
    // Holders may now stand above what was found before them.
    const { count } = this.graph;
    const sorted = new Uint32Array(order.length);
    let next = 1;
    for (const { node } of this.holders.all) sorted[next++] = node;
    for (let i = 1; i < order.length; i++) if (order[i]! <= count) sorted[next++] = order[i]!;
    return { order: sorted, dominators };
  }

  private findShared(): number[] {
    const { order, dominators } = this.tree;
    const { count } = this.graph;
    const nodes: number[] = [];
    for (let i = 1; i < order.length; i++) {
      const node = order[i]!;
      if (node > count || dominators[node] !== 0) continue;
      nodes.push(node);
      this.isShared[node] = 1;
    }
    return nodes;
  }

  /** By node: the holder below which it stands, or the shared object. */
  private findTops(): Uint32Array {
    const { order, dominators } = this.tree;
    const { count } = this.graph;
    const tops = new Uint32Array(this.flow.nodes);
    for (let i = 1; i < order.length; i++) {
      const node = order[i]!;
      const above = dominators[node]!;
      tops[node] = node > count || above === 0 ? node : tops[above]!;
    }
    return tops;
  }

  private linkTops(tops: Uint32Array): [Uint32Array, Uint32Array] {
    const { flow, isShared } = this;
    const from = Growing.words();
    const to = Growing.words();
    for (let node = 1; node < flow.nodes; node++) {
      const end = flow.firstEdge[node + 1]!;
      for (let i = flow.firstEdge[node]!; i < end; i++) {
        const target = flow.targets[i]!;
        if (isShared[target] === 0 || tops[node] === target || tops[node] === 0) continue;
        from.push(tops[node]!);
        to.push(target);
      }
    }
    return byTop(from.array, to.array, flow.nodes);
  }

  private markCore(): void {
    for (const { node, kind } of this.holders.all) if (kind === 'core') this.stack.push(node);
    for (let top = this.stack.pop(); top !== undefined; top = this.stack.pop())
      for (let i = this.firstTarget[top]!; i < this.firstTarget[top + 1]!; i++) {
        const target = this.targets[i]!;
        if (this.ofCore[target] !== 0) continue;
        this.ofCore[target] = 1;
        this.stack.push(target);
      }
  }

  private giveInstances(): void {
    const { graph, holders } = this;
    const names = new Set<number>();
    for (const [id, text] of graph.texts) if (text === '__index') names.add(id);
    const classes = new Map<number, number>();
    const classOf = (metatable: number) => {
      if (holders.attached[metatable] !== 0) return holders.attached[metatable]!;
      return holders.attached[follow(graph, metatable, (label) => names.has(label))] ?? 0;
    };
    const moduleOf = (node: number) => {
      const metatable = follow(graph, node, (label) => label === Edge.metatable);
      // A variable is where the function is that it holds.
      const code = follow(graph, node, (label) => label === Edge.upvalue) || node;
      if (metatable === 0) return holders.homes[code]!;
      if (!classes.has(metatable)) classes.set(metatable, classOf(metatable));
      return classes.get(metatable)!;
    };
    for (const node of this.nodes) {
      const module = moduleOf(node);
      const kind = holders.holder(module)?.kind;
      if (kind !== 'plugin' && (kind !== 'core' || this.ofCore[node] === 0)) continue;
      this.given[node] = module;
      this.settled[node] = 1;
    }
  }

  /** From holder to holder's objects, and on to what these alone lead to. */
  private giveTheRest(): void {
    const { stack, given, settled, ofCore, firstTarget, targets, holders } = this;
    for (const { node } of holders.all) stack.push(node);
    for (const node of this.nodes) if (settled[node] === 1) stack.push(node);
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      const holder = holders.holder(top);
      const isCore = holder === undefined ? ofCore[top] !== 0 : holder.kind === 'core';
      const giver = holder === undefined ? given[top]! : top;
      for (let i = firstTarget[top]!; i < firstTarget[top + 1]!; i++) {
        const target = targets[i]!;
        if (settled[target] !== 0 || (ofCore[target] !== 0 && !isCore)) continue;
        const before = given[target]!;
        const after = giver === 0 ? 0 : before === 0 ? giver : this.both(before, giver);
        if (after === before && after !== 0) continue;
        given[target] = after;
        if (after === 0) settled[target] = 2;
        stack.push(target);
      }
    }
  }

  /** The owner of two modules; 0: they have none in common. */
  private both(left: number, right: number): number {
    if (left === right) return left;
    const ownerOf = (node: number) => this.holders.holder(node)?.owner || node;
    return ownerOf(left) === ownerOf(right) ? ownerOf(left) : 0;
  }
}

/** Pairs sorted by the first: index of each one's first, and what they lead to. */
function byTop(from: Uint32Array, to: Uint32Array, nodes: number): [Uint32Array, Uint32Array] {
  const first = new Uint32Array(nodes + 1);
  for (const top of from) first[top + 1] = first[top + 1]! + 1;
  for (let node = 0; node < nodes; node++) first[node + 1] = first[node + 1]! + first[node]!;
  const targets = new Uint32Array(to.length);
  const filled = first.slice(0, nodes);
  for (let i = 0; i < from.length; i++) {
    const top = from[i]!;
    targets[filled[top]!] = to[i]!;
    filled[top] = filled[top]! + 1;
  }
  return [first, targets];
}
