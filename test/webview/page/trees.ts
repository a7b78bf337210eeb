/** Trees for tests, from stacks in words. */
import type { FunctionRow } from '../../../extension/page/messages';
import type { TreeArrays } from '../../../webview/graph/tree';

/**
 * "kind name@file:line", root first, "name^symbol" where it has one and "!flags" behind where it has
 * any; and what the stack costs in samples of 10 ms.
 */
export interface StackSpec {
  frames: string[];
  samples: number;
}

const KINDS: Record<string, number> = {
  unknown: 0,
  kernel: 1,
  native: 2,
  lua: 3,
  jit: 4,
  builtin: 5,
  luac: 6,
  gc: 7,
  compiler: 8,
  exit: 9,
  truncated: 10,
  idle: 11,
  incomplete: 12,
};

const WEIGHT = 10_000;

interface Node {
  functionId: number;
  kind: number;
  flags: number;
  self: number;
  total: number;
  line: number;
  children: Map<string, Node>;
}

export function treeFromStacks(
  stacks: readonly StackSpec[],
  idOf: (row: FunctionRow) => number,
): TreeArrays {
  const root = makeNode(0, 0, 0);
  let samples = 0;
  for (const stack of stacks) {
    samples += stack.samples;
    const weight = stack.samples * WEIGHT;
    let node = root;
    root.total += weight;
    for (const frame of stack.frames) {
      let child = node.children.get(frame);
      if (child === undefined) {
        const { kind, row, flags } = parse(frame);
        child = makeNode(idOf(row), kind, row.line, flags);
        node.children.set(frame, child);
      }
      child.total += weight;
      node = child;
    }
    node.self += weight;
  }
  return flatten(root, samples);
}

function makeNode(functionId: number, kind: number, line: number, flags = 0): Node {
  return { functionId, kind, flags, self: 0, total: 0, line, children: new Map() };
}

function parse(spec: string): { kind: number; flags: number; row: FunctionRow } {
  const [, frame = spec, flags = 0] = /^(.*)!(\d+)$/.exec(spec) ?? [];
  const space = frame.indexOf(' ');
  const kind = KINDS[frame.slice(0, space)] ?? 0;
  const [names = '', place = ''] = frame.slice(space + 1).split('@');
  const [name = '', symbol] = names.split('^');
  const colon = place.lastIndexOf(':');
  const line = colon < 0 ? 0 : Number(place.slice(colon + 1));
  const file = colon < 0 ? place : place.slice(0, colon);
  const hasSource = kind === 3 || kind === 4;
  const row = { name, file, line, lastLine: line, hasSource };
  return { kind, flags: Number(flags), row: symbol === undefined ? row : { ...row, symbol } };
}

/** Siblings stand by name, as the extension sends them. */
function flatten(root: Node, samples: number): TreeArrays {
  const nodes: { node: Node; parent: number }[] = [];
  const visit = (node: Node, parent: number): void => {
    const index = nodes.push({ node, parent }) - 1;
    const byName = [...node.children].sort(([one], [other]) =>
      nameOf(one) < nameOf(other) ? -1 : 1,
    );
    for (const [, child] of byName) visit(child, index);
  };
  visit(root, -1);
  return {
    parents: Int32Array.from(nodes, ({ parent }) => parent),
    functions: Uint32Array.from(nodes, ({ node }) => node.functionId),
    kinds: Uint8Array.from(nodes, ({ node }) => node.kind),
    flags: Uint8Array.from(nodes, ({ node }) => node.flags),
    self: Float64Array.from(nodes, ({ node }) => node.self),
    total: Float64Array.from(nodes, ({ node }) => node.total),
    selfSamples: Float64Array.from(nodes, ({ node }) => node.self / WEIGHT),
    lines: Uint32Array.from(nodes, ({ node }) => node.line),
    samples,
    frameless: root.self,
  };
}

function nameOf(frame: string): string {
  return frame.slice(frame.indexOf(' ') + 1);
}
