/** The objects that hold most, each with the way to it. */
import { describeObject, wayTo } from './describe';
import { type HeapGraph, ObjectType } from './graph';
import { type Holders, rootNames } from './holders';
import type { Retained } from './retained';

export interface LargestRow {
  readonly what: string;
  readonly owner: string;
  readonly retainedBytes: number;
  readonly objects: number;
  /** From a VM on. */
  readonly path: readonly string[];
}

const SHOWN = 50;

export function largestHolders(
  graph: HeapGraph,
  holders: Holders,
  { order, bytes, objects, dominators }: Retained,
): LargestRow[] {
  const top: number[] = [];
  const passedOn = onlyWays(graph, { order, bytes, dominators });
  let least = 0;
  for (const node of order) {
    if (node === 0 || node > graph.count || bytes[node]! <= least) continue;
    if (passedOn[node] !== 0 || !worthNaming(graph.types[node]!)) continue;
    top.push(node);
    if (top.length < SHOWN * 8) continue;
    shorten(top, bytes);
    least = bytes[top[top.length - 1]!]!;
  }
  shorten(top, bytes);
  return top.map((node) => ({
    what: describeObject(graph, node),
    owner: ownerOf(holders, dominators, node),
    retainedBytes: bytes[node]!,
    objects: objects[node]!,
    path: wayTo(graph, node),
  }));
}

/** Objects of whose bytes nearly all are held by one that they hold: that one is worth a line. */
function onlyWays(
  graph: HeapGraph,
  { order, bytes, dominators }: Pick<Retained, 'order' | 'bytes' | 'dominators'>,
): Uint8Array {
  const ways = new Uint8Array(graph.count + 1);
  for (const node of order) {
    const above = dominators[node]!;
    if (node <= graph.count && above <= graph.count && bytes[node]! > 0.9 * bytes[above]!)
      ways[above] = 1;
  }
  return ways;
}

function shorten(top: number[], bytes: Float64Array): void {
  top.sort((left, right) => bytes[right]! - bytes[left]!);
  top.length = Math.min(top.length, SHOWN);
}

/** An upvalue is only the way to what is in it. */
function worthNaming(type: number): boolean {
  return type !== ObjectType.upvalue && type !== ObjectType.vm && type !== ObjectType.proto;
}

function ownerOf(holders: Holders, dominators: Uint32Array, node: number): string {
  let at = node;
  for (;;) {
    const above = dominators[at]!;
    if (above === 0) return holders.holder(at)?.name ?? rootNames.shared;
    at = above;
  }
}
