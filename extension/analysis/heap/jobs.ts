/**
 * Calls that Lua code keeps for later, as libraries of timers and queues do: a table that names a
 * function and its arguments. It belongs to the code that will run, and not to the library.
 */
import { type HeapGraph, ObjectType } from './graph';

const functions = new Set(['callback', 'func', 'fn', 'cb']);
const parameters = new Set(['argv', 'args', 'argc', 'arguments', 'params']);

/** @param holderOf the holder of a function's code; undefined: anybody's. */
export function attachJobs(
  graph: HeapGraph,
  attached: Uint32Array,
  holderOf: (fn: number) => { readonly node: number } | undefined,
): void {
  const [called, given] = [functions, parameters].map((names) => {
    const ids = new Set<number>();
    for (const [id, text] of graph.texts) if (names.has(text)) ids.add(id);
    return ids;
  });
  if (called!.size === 0 || given!.size === 0) return;
  for (let id = 1; id <= graph.count; id++) {
    if (graph.types[id] !== ObjectType.table || attached[id] !== 0) continue;
    const fn = calledBy(graph, id, called!, given!);
    const holder = fn === 0 ? undefined : holderOf(fn);
    if (holder !== undefined) attached[id] = holder.node;
  }
}

/** The function of such a table; 0: it is none. */
function calledBy(
  graph: HeapGraph,
  table: number,
  called: ReadonlySet<number>,
  given: ReadonlySet<number>,
): number {
  let fn = 0;
  let isGiven = false;
  for (let i = graph.firstEdge[table]!; i < graph.firstEdge[table + 1]!; i++) {
    const label = graph.labels[i]!;
    if (label <= 0) continue;
    if (given.has(label)) isGiven = true;
    else if (called.has(label)) fn = graph.targets[i]!;
  }
  return isGiven ? fn : 0;
}
