/** The memory that closures hold, by the function that they are made of. */
import { describePrototype } from './describe';
import { Edge, type HeapGraph, ObjectType } from './graph';
import { follow } from './modules';
import type { Retained } from './retained';
import { prototypeSource, type Source } from './sources';

export interface FunctionRow {
  readonly name: string;
  readonly source?: Source;
  readonly closures: number;
  readonly retainedBytes: number;
}

const SHOWN = 200;

export function functionsOf(
  graph: HeapGraph,
  retained: Retained,
): { functions: FunctionRow[]; functionCount: number } {
  const byProto = new Map<number, { closures: number; retainedBytes: number }>();
  const protos = new Uint32Array(graph.count + 1);
  for (let id = 1; id <= graph.count; id++)
    if (graph.types[id] === ObjectType.function)
      protos[id] = follow(graph, id, (label) => label === Edge.proto);
  for (let id = 1; id <= graph.count; id++) {
    const proto = protos[id]!;
    if (proto === 0) continue;
    const row = byProto.get(proto) ?? { closures: 0, retainedBytes: 0 };
    row.closures++;
    // One that another of its kind holds is in that one's bytes.
    if (protos[nextFunction(retained, protos, id)] !== proto)
      row.retainedBytes += retained.bytes[id]!;
    byProto.set(proto, row);
  }
  const functions = [...byProto]
    .sort(([, left], [, right]) => right.retainedBytes - left.retainedBytes)
    .slice(0, SHOWN)
    .map(([proto, row]) => {
      const source = prototypeSource(graph, proto);
      return { name: describePrototype(graph, proto), ...row, ...(source && { source }) };
    });
  return { functions, functionCount: byProto.size };
}

/** The closest function among the dominators; 0: none. */
function nextFunction({ dominators }: Retained, protos: Uint32Array, id: number): number {
  let at = dominators[id]!;
  for (let steps = 0; at !== 0 && at < protos.length && steps < 16; steps++) {
    if (protos[at] !== 0) return at;
    at = dominators[at]!;
  }
  return 0;
}
