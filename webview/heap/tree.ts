/** From a snapshot's tree of holders to a tree that the flame graph can draw. */
import { bytesText } from '../../extension/profile/bytes';
import { onlyFrom } from '../graph/filter';
import type { FunctionRow, UnitName } from '../../extension/page/messages';
import { prepare, type Tree } from '../graph/tree';
import { growthOf } from '../graph/tooltip-table';
import { growthKind } from './kinds';
import { HEAP_KINDS, type HeapPageState, type HeapTreeMessage } from '../../extension/page/heap';

const SMALL = HEAP_KINDS.indexOf('small');

/**
 * @param widths `growth`: only what has grown, as wide as what came there; the text gives its net.
 */
export function heapTree(message: HeapTreeMessage, widths: HeapPageState['widths']): Tree {
  const { parents, places, frames, bytes, before } = message;
  const growing = before !== null && widths === 'growth';
  const now = sums(parents, bytes);
  const past = before && sums(parents, before);
  const net = past && now.map((each, node) => each - past[node]!);
  const own = growing ? came(parents, bytes, before, net!) : bytes;
  const weights = growing ? sums(parents, own) : now;
  const order = preorder(parents, (one, other) => {
    const small = (node: number): number => Number(frames[places[node]!]!.kind === SMALL);
    return small(one) - small(other) || weights[other]! - weights[one]! || one - other;
  }).filter((node) => node === 0 || weights[node]! > 0);
  const moved = new Map(order.map((node, i) => [node, i]));
  const kindOf = (node: number): number =>
    past === null ? frames[places[node]!]!.kind : growthKind(past[node]!, now[node]!);
  return prepare({
    parents: Int32Array.from(order, (node) => (node === 0 ? -1 : moved.get(parents[node]!)!)),
    functions: Uint32Array.from(order, (node) => places[node]!),
    kinds: Uint8Array.from(order, kindOf),
    flags: new Uint8Array(order.length),
    self: Float64Array.from(order, (node) => own[node]!),
    total: Float64Array.from(order, (node) => weights[node]!),
    lines: new Uint32Array(order.length),
    selfSamples: new Float64Array(order.length),
    samples: 0,
    // Memory of the root itself is of its kind.
    frameless: own[0] ?? 0,
    ...(past !== null && !growing && { before: Float64Array.from(order, (node) => past[node]!) }),
    ...(growing && { net: Float64Array.from(order, (node) => net![node]!) }),
  });
}

export function unitOf(message: HeapTreeMessage, widths: HeapPageState['widths']): UnitName {
  return message.before !== null && widths === 'growth' ? 'grown' : 'held';
}

/** Leaves only what an owner holds. */
export function onlyOwner(
  tree: Tree,
  { frames }: HeapTreeMessage,
  owner: HeapPageState['owner'],
): Tree {
  if (owner === null) return tree;
  const kind = HEAP_KINDS.indexOf(owner.kind);
  return onlyFrom(tree, (node) => {
    const frame = frames[tree.functions[node]!]!;
    return tree.depths[node] === 1 && frame.name === owner.name && frame.kind === kind;
  });
}

/** Rows of the frames, for the flame graph's search and labels; that of the root is left out. */
export function frameRows({ frames }: HeapTreeMessage): FunctionRow[] {
  return frames.slice(1).map(({ name, file, line, source }) => ({
    name,
    file,
    line,
    lastLine: line,
    hasSource: source >= 0,
  }));
}

/** Returns the note behind a frame's name: how much it holds, or by how much it has grown. */
export function noteOf(tree: Tree, node: number, growing: boolean): string {
  const growth = growthOf(tree, node);
  if (growth !== undefined) return growth === 0 && !growing ? '' : signed(growth);
  return bytesText(tree.total[node]!);
}

/** By node, its own: nothing below what has become less in all. */
function came(
  parents: readonly number[],
  bytes: readonly number[],
  before: readonly number[],
  net: Float64Array,
): number[] {
  const less: boolean[] = [];
  return bytes.map((each, node) => {
    less[node] = node > 0 && (net[node]! <= 0 || less[parents[node]!]!);
    return less[node] ? 0 : Math.max(0, each - before[node]!);
  });
}

export function signed(growth: number): string {
  return growth > 0 ? `+${bytesText(growth)}` : bytesText(growth);
}

function sums(parents: readonly number[], own: readonly number[]): Float64Array {
  const totals = Float64Array.from(own);
  for (let node = totals.length - 1; node > 0; node--) {
    const parent = parents[node]!;
    totals[parent] = totals[parent]! + totals[node]!;
  }
  return totals;
}

function preorder(
  parents: readonly number[],
  compare: (one: number, other: number) => number,
): number[] {
  const children: number[][] = parents.map(() => []);
  parents.forEach((parent, node) => {
    if (parent >= 0) children[parent]!.push(node);
  });
  const order: number[] = [];
  const waiting = [0];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    order.push(node);
    waiting.push(...children[node]!.sort(compare).reverse());
  }
  return order;
}
