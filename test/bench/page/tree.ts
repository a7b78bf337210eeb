/** A tree of a given size with the shape of a busy gateway's profile; the same for each run. */
import type { TreeArrays } from '../../../webview/graph/tree';
import type { FunctionRow } from '../../../extension/page/messages';

const DEEPEST = 48;
const FUNCTIONS = 4_000;
/** Callees of a function, the first called most often. */
const CALLEES = 5;

/**
 * A small, well-known generator (mulberry32): the benchmark has to draw the same tree each time.
 */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export interface BenchTree {
  readonly arrays: TreeArrays;
  readonly functions: FunctionRow[];
}

/**
 * Samples stacks of a made-up program until the tree has `size` frames. Each function calls a few
 * others, some far more often than others: so there are wide frames, many narrow ones, and long
 * tails, as in real profiles.
 */
export function makeTree(size: number, seed: number): BenchTree {
  const next = random(seed);
  const parents: number[] = [-1];
  const functions: number[] = [0];
  const self: number[] = [0];
  const children = [new Map<number, number>()];
  while (parents.length < size) {
    let node = 0;
    for (let depth = 0; depth < DEEPEST; depth++) {
      if (depth > 8 && next() < 0.03) break;
      const callee = calleeOf(functions[node]!, Math.floor(CALLEES * next() ** 8));
      let child = children[node]!.get(callee);
      if (child === undefined) {
        if (parents.length === size) break;
        child = parents.push(node) - 1;
        functions.push(callee);
        self.push(0);
        children.push(new Map<number, number>());
        children[node]!.set(callee, child);
      }
      node = child;
    }
    self[node] = self[node]! + 10_000;
  }
  return { arrays: inPreorder(children, functions, self), functions: rows() };
}

function calleeOf(caller: number, rank: number): number {
  return 1 + ((Math.imul(caller * CALLEES + rank + 1, 0x9e3779b1) >>> 0) % FUNCTIONS);
}

function inPreorder(
  children: Map<number, number>[],
  functions: number[],
  selfs: number[],
): TreeArrays {
  const size = children.length;
  const order: number[] = [];
  const parents = new Int32Array(size);
  const stack: [number, number][] = [[0, -1]];
  while (stack.length > 0) {
    const [node, parent] = stack.pop()!;
    const index = order.push(node) - 1;
    parents[index] = parent;
    for (const child of [...children[node]!.values()].reverse()) stack.push([child, index]);
  }
  const self = Float64Array.from(order, (node) => selfs[node]!);
  const total = Float64Array.from(self);
  for (let i = size - 1; i > 0; i--) total[parents[i]!] = total[parents[i]!]! + total[i]!;
  return {
    parents,
    functions: Uint32Array.from(order, (node) => functions[node]!),
    kinds: Uint8Array.from(order, (node) => (node === 0 ? 0 : 1 + (functions[node]! % 9))),
    flags: new Uint8Array(size),
    self,
    total,
    lines: Uint32Array.from(order, (node) => functions[node]! % 500),
    selfSamples: self.map((weight) => Math.round(weight / 10_000)),
    samples: Math.round(total[0]! / 10_000),
    frameless: self[0]!,
  };
}

function rows(): FunctionRow[] {
  return Array.from({ length: FUNCTIONS }, (_, i) => ({
    name: `module_${i % 97}.function_${i}`,
    file: `/opt/kong/plugins/plugin-${i % 37}/handler.lua`,
    line: 1 + (i % 900),
    lastLine: 1 + (i % 900) + 20,
    hasSource: i % 3 === 0,
  }));
}
