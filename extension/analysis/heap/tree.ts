/** The dominator tree as a flame graph in bytes of who holds what. */
import { describeEdge, describeObject } from './describe';
import { type HeapGraph, ObjectType, typeNames } from './graph';
import { type Holders, rootNames } from './holders';
import type { Retained } from './retained';
import { sourceOf, type Source } from './sources';

/** An owner by its kind, a module, objects by their type, and what is too small to stand alone. */
export type HeapFrameKind = 'plugin' | 'core' | 'other' | 'module' | 'small' | ObjectKind;
type ObjectKind = 'table' | 'string' | 'function' | 'cdata' | 'userdata' | 'coroutine' | 'code';

export interface HeapFrame {
  readonly name: string;
  readonly kind: HeapFrameKind;
  readonly source?: Source;
}

/** Nodes stand before what is below them; the first is the root, which is in no frame. */
export interface HeapTree {
  /** By node; -1: the root. */
  readonly parents: readonly number[];
  /** By node: index of its frame. */
  readonly places: readonly number[];
  readonly frames: readonly HeapFrame[];
  /** By node, without those below it. */
  readonly bytes: readonly number[];
  /** An object that holds less stands together with others of its type. */
  readonly smallestBytes: number;
}

export interface HeapStack {
  /** From the owner on. */
  readonly frames: readonly string[];
  readonly bytes: number;
}

/**
 * An object that holds less than this share is small; or more, where a tree would have too many
 * nodes.
 */
const SMALLEST_SHARE = 1 / 2000;
const MOST_NODES = 20_000;
const DEEPEST = 64;
const MOST_PLACES = 2 ** 26;
/** More have no names of use: small ones stand together then. */
const MOST_HOLDERS = 5000;

const kinds: Readonly<Record<number, ObjectKind>> = {
  [ObjectType.string]: 'string',
  [ObjectType.thread]: 'coroutine',
  [ObjectType.function]: 'function',
  [ObjectType.cdata]: 'cdata',
  [ObjectType.table]: 'table',
  [ObjectType.userdata]: 'userdata',
};

export function heapTree(graph: HeapGraph, holders: Holders, retained: Retained): HeapTree {
  const { order, dominators, bytes } = retained;
  const smallest = smallestBytes(retained);
  const tree = new TreeBuilder(smallest);
  const nodes = new Map<number, number>([[0, 0]]);
  const shared = tree.place({ name: rootNames.shared, kind: 'other' });
  const smallOf = (type: string) => tree.place({ name: `small: ${type}`, kind: 'small' });
  const small = Object.fromEntries(
    Object.entries(typeNames).map(([type, name]) => [type, smallOf(name)]),
  );
  const smallModule = smallOf('module');
  for (let i = 1; i < order.length; i++) {
    const node = order[i]!;
    const above = nodes.get(dominators[node]!);
    if (above === undefined) continue;
    const isObject = node <= graph.count;
    const parent = above === 0 && isObject ? tree.child(0, shared) : above;
    // Owners and modules stand in each tree: two of them can be compared.
    const named = !isObject && holders.all.length <= MOST_HOLDERS;
    if (!named && (bytes[node]! < smallest || tree.depth(parent) >= DEEPEST)) {
      const place = isObject ? small[graph.types[node]!]! : smallModule;
      tree.add(tree.child(parent, place), bytes[node]!);
    } else if (!isObject) {
      nodes.set(node, tree.child(parent, tree.place(holderFrame(holders, node))));
    } else {
      // An upvalue is a step on the way to what is in it, and no more.
      const passed = graph.types[node] === ObjectType.upvalue;
      const frame = passed ? undefined : objectFrame(graph, dominators, node);
      const at = frame === undefined ? parent : tree.child(parent, tree.place(frame));
      tree.add(at, graph.sizes[node]!);
      nodes.set(node, at);
    }
  }
  return tree.done();
}

class TreeBuilder {
  private readonly parents = [-1];
  private readonly places = [0];
  private readonly bytes = [0];
  private readonly depths = [0];
  /** By the parent and the place of its frame, see {@link child}. */
  private readonly children = new Map<number, number>();
  private readonly frames: HeapFrame[] = [{ name: '', kind: 'other' }];
  private readonly known = new Map<string, number>();

  constructor(private readonly smallest: number) {}

  depth(node: number): number {
    return this.depths[node]!;
  }

  add(node: number, bytes: number): void {
    this.bytes[node] = this.bytes[node]! + bytes;
  }

  /** The same for frames that are alike. */
  place(frame: HeapFrame): number {
    const { name, kind, source } = frame;
    const words = `${kind}\n${name}\n${source?.chunk ?? ''}\n${source?.line ?? ''}`;
    let place = this.known.get(words);
    if (place === undefined) {
      place = this.frames.push(frame) - 1;
      this.known.set(words, place);
    }
    return place;
  }

  /** The node of this frame below another one. */
  child(parent: number, place: number): number {
    const key = parent * MOST_PLACES + place;
    let node = this.children.get(key);
    if (node === undefined) {
      node = this.parents.push(parent) - 1;
      this.places.push(place);
      this.bytes.push(0);
      this.depths.push(this.depths[parent]! + 1);
      this.children.set(key, node);
    }
    return node;
  }

  done(): HeapTree {
    const { parents, places, frames, bytes } = this;
    return { parents, places, frames, bytes, smallestBytes: this.smallest };
  }
}

function smallestBytes({ order, bytes }: Retained): number {
  let smallest = bytes[0]! * SMALLEST_SHARE;
  for (;;) {
    let nodes = 0;
    for (const node of order) if (bytes[node]! >= smallest) nodes++;
    if (nodes <= MOST_NODES) return smallest;
    smallest *= 2;
  }
}

function holderFrame(holders: Holders, node: number): HeapFrame {
  const holder = holders.holder(node);
  if (holder === undefined) return { name: '?', kind: 'other' };
  const { name, kind, owner } = holder;
  if (owner === 0) return { name, kind };
  const source = holders.sources.ofModule(name);
  return { name, kind: 'module', ...(source && { source }) };
}

function objectFrame(graph: HeapGraph, dominators: Uint32Array, node: number): HeapFrame {
  const source = sourceOf(graph, node);
  const kind = kinds[graph.types[node]!] ?? 'code';
  return { name: nameOf(graph, dominators, node), kind, ...(source && { source }) };
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

/** The same as stacks: one for each node that has bytes of its own. */
export function heapStacks(tree: HeapTree): HeapStack[] {
  const ways: string[][] = [[]];
  const stacks: HeapStack[] = [];
  for (let node = 1; node < tree.parents.length; node++) {
    const frames = [...ways[tree.parents[node]!]!, tree.frames[tree.places[node]!]!.name];
    ways.push(frames);
    if (tree.bytes[node]! > 0) stacks.push({ frames, bytes: tree.bytes[node]! });
  }
  return stacks;
}
