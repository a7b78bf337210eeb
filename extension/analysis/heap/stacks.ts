/** The dominator tree as stacks in bytes: a flame graph of who holds what. */
import { describeEdge, describeObject } from './describe';
import { type HeapGraph, ObjectType, typeNames } from './graph';
import { type Holders, rootNames } from './holders';
import type { Retained } from './retained';

export interface HeapStack {
  /** From the owner on. */
  readonly frames: readonly string[];
  readonly bytes: number;
}

/** What holds less than this share of all stands together with others of its type. */
const SMALLEST_SHARE = 1 / 2000;
const DEEPEST = 64;

class Frame {
  bytes = 0;
  private readonly children = new Map<string, Frame>();

  constructor(
    readonly names: readonly string[],
    private readonly all: Frame[],
  ) {
    all.push(this);
  }

  child(name: string): Frame {
    let frame = this.children.get(name);
    if (frame === undefined) {
      frame = new Frame([...this.names, name], this.all);
      this.children.set(name, frame);
    }
    return frame;
  }
}

export function heapStacks(graph: HeapGraph, holders: Holders, retained: Retained): HeapStack[] {
  const { order, dominators, bytes } = retained;
  const smallest = bytes[0]! * SMALLEST_SHARE;
  const all: Frame[] = [];
  const root = new Frame([], all);
  const frames = new Map<number, Frame>([[0, root]]);
  for (let i = 1; i < order.length; i++) {
    const node = order[i]!;
    const above = frames.get(dominators[node]!);
    if (above === undefined) continue;
    const isObject = node <= graph.count;
    const parent = above === root && isObject ? root.child(rootNames.shared) : above;
    if (bytes[node]! < smallest || parent.names.length >= DEEPEST) {
      const name = isObject ? `small: ${typeNames[graph.types[node]!]}` : nameOfHolder();
      parent.child(name).bytes += bytes[node]!;
      continue;
    }
    const frame = isObject ? frameOfObject(parent, node) : parent.child(nameOfHolder());
    frame.bytes += isObject ? graph.sizes[node]! : 0;
    frames.set(node, frame);

    function nameOfHolder(): string {
      return holders.holder(node)?.name ?? '?';
    }
  }
  return all
    .filter((frame) => frame.bytes > 0)
    .map(({ names, bytes: own }) => ({ frames: names, bytes: own }));

  function frameOfObject(parent: Frame, node: number): Frame {
    // An upvalue is a step on the way to what is in it, and no more.
    if (graph.types[node] === ObjectType.upvalue) return parent;
    return parent.child(nameOf(graph, dominators, node));
  }
}

/** By the way that leads to it from what holds it, or from somewhere within that. */
function nameOf(graph: HeapGraph, dominators: Uint32Array, node: number): string {
  const parent = graph.parents[node]!;
  const what = describeObject(graph, node);
  if (parent === 0 || dominators[node]! > graph.count) return what;
  let label = describeEdge(graph, parent, graph.parentLabels[node]!);
  if (label === '' && graph.parents[parent] !== 0)
    label = describeEdge(graph, graph.parents[parent]!, graph.parentLabels[parent]!);
  return label === '' ? what : `${label} (${what})`;
}
