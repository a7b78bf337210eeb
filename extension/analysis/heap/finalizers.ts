/**
 * Functions that ffi.gc() has given to objects of C, to be called when these go. LuaJIT keeps them in
 * one table for all of a VM, by their objects: what they hold belongs to their code.
 */
import { Edge, type HeapGraph, ObjectType } from './graph';
import { forEachEdge } from './modules';

/** @param holderOf the holder of a function's code; undefined: anybody's. */
export function attachFinalizers(
  graph: HeapGraph,
  attached: Uint32Array,
  holderOf: (fn: number) => { readonly node: number } | undefined,
): void {
  for (let id = 1; id <= graph.count; id++) {
    if (graph.types[id] !== ObjectType.table || !isOfFinalizers(graph, id)) continue;
    forEachEdge(graph, id, (target, label) => {
      // Keys are objects of C: a class that is its own metatable has names.
      if (label !== Edge.hash || graph.types[target] !== ObjectType.function) return;
      if (attached[target] !== 0) return;
      const holder = holderOf(target);
      if (holder !== undefined) attached[target] = holder.node;
    });
  }
}

/** LuaJIT makes this table its own metatable, by which it is weak. */
function isOfFinalizers(graph: HeapGraph, table: number): boolean {
  let itself = false;
  forEachEdge(graph, table, (target, label) => {
    itself ||= label === Edge.metatable && target === table;
  });
  return itself;
}
