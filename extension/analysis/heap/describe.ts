/** Words for objects and for the ways to them. */
import { visible } from '../../common/outside';
import { Edge, type HeapGraph, ObjectType, Root, typeNames } from './graph';
import { follow } from './modules';

const LONGEST = 80;

/** Says what an object is: "table", "function f (file:12)". */
export function describeObject(graph: HeapGraph, id: number): string {
  const type = graph.types[id]!;
  if (type === ObjectType.function) {
    const proto = follow(graph, id, (label) => label === Edge.proto);
    return proto === 0 ? 'C function' : `function ${describePrototype(graph, proto)}`;
  }
  if (type === ObjectType.proto) return `prototype ${describePrototype(graph, id)}`;
  return typeNames[type] ?? 'unknown';
}

export function describePrototype(graph: HeapGraph, proto: number): string {
  const known = graph.prototypes.get(proto);
  if (known === undefined) return '?';
  const chunk = graph.texts.get(known.chunkName) ?? '?';
  const name = /^[@=]/.test(chunk) ? chunk.slice(1) : '[string]';
  // The end of a path is what tells plugins apart, and the line must not be cut off.
  const end = name.split('/').slice(-3).join('/').slice(-LONGEST);
  return visible(`${end}:${known.firstLine}`, LONGEST + 10);
}

const rootLabels: Readonly<Record<number, string>> = {
  [Root.mainThread]: 'main thread',
  [Root.registry]: 'registry',
  [Root.globals]: '_G',
  [Root.metatables]: 'VM',
  [Root.ffi]: 'FFI',
  [Root.toFinalize]: 'to be finalized',
};

/** How an object is come to from the one that leads to it. */
export function describeEdge(graph: HeapGraph, from: number, label: number): string {
  if (label > 0) return visible(graph.texts.get(label) ?? '[key]', LONGEST);
  if (label <= Edge.root) return rootLabels[Edge.root - label] ?? 'VM';
  if (label <= Edge.firstUpvalue) return upvalueName(graph, from, Edge.firstUpvalue - label);
  switch (label) {
    case Edge.array:
      return '[n]';
    case Edge.hash:
      return '[key]';
    case Edge.metatable:
      return '(metatable)';
    case Edge.env:
      return '(environment)';
    case Edge.stack:
    case Edge.frame:
      return '(stack)';
    case Edge.upvalue:
      return '';
    case Edge.content:
      return '(content)';
    case Edge.trace:
    case Edge.traceConstant:
      return '(compiled code)';
    default:
      return '(code)';
  }
}

function upvalueName(graph: HeapGraph, closure: number, index: number): string {
  const proto = follow(graph, closure, (label) => label === Edge.proto);
  const name = graph.prototypes.get(proto)?.upvalueNames[index];
  return name === undefined || name === '' ? '(upvalue)' : `upvalue ${visible(name, LONGEST)}`;
}

/** The way to an object, from a VM on, or from `until` (not included) on. */
export function wayTo(graph: HeapGraph, id: number, until = 0): string[] {
  const words: string[] = [];
  for (let at = id; at !== 0 && at !== until && words.length < 64; at = graph.parents[at]!) {
    const parent = graph.parents[at]!;
    if (parent === 0) break;
    const word = describeEdge(graph, parent, graph.parentLabels[at]!);
    if (word !== '') words.push(word);
  }
  return words.reverse();
}
