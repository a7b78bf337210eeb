/** Where the code of functions and modules stands. */
import { Edge, type HeapGraph, ObjectType } from './graph';
import { follow } from './modules';

export interface Source {
  /** As Lua names it: "@/path/x.lua". */
  readonly chunk: string;
  /** 0: the chunk as a whole. */
  readonly line: number;
}

/** Longer ones are code that was given as a text. */
const LONGEST_CHUNK = 4096;
/** Parts of a module's name. */
const DEEPEST_MODULE = 16;

/** Of a function; of what an upvalue of a function holds, that function's. */
export function sourceOf(graph: HeapGraph, id: number): Source | undefined {
  const type = graph.types[id];
  if (type === ObjectType.proto) return prototypeSource(graph, id);
  if (type === ObjectType.function)
    return prototypeSource(
      graph,
      follow(graph, id, (label) => label === Edge.proto),
    );
  const parent = graph.parents[id]!;
  const isIn = (edge: number) => edge <= Edge.firstUpvalue && edge > Edge.root;
  if (isIn(graph.parentLabels[id]!)) return sourceOf(graph, parent);
  if (graph.types[parent] !== ObjectType.upvalue || !isIn(graph.parentLabels[parent]!))
    return undefined;
  return sourceOf(graph, graph.parents[parent]!);
}

export function prototypeSource(graph: HeapGraph, proto: number): Source | undefined {
  const known = graph.prototypes.get(proto);
  const chunk = known && graph.texts.get(known.chunkName);
  if (chunk === undefined || chunk.length > LONGEST_CHUNK) return undefined;
  return { chunk, line: known!.firstLine };
}

export class Sources {
  /** Chunks by each end of the path of what they can be loaded as. */
  private readonly chunks = new Map<string, string>();

  constructor(graph: HeapGraph) {
    const names = new Set([...graph.prototypes.values()].map(({ chunkName }) => chunkName));
    for (const id of names) {
      const chunk = graph.texts.get(id) ?? '';
      if (!chunk.startsWith('@') || chunk.length > LONGEST_CHUNK) continue;
      const parts = chunk
        .slice(1)
        .replace(/(\/init)?\.lua$/, '')
        .split('/');
      for (let from = Math.max(0, parts.length - DEEPEST_MODULE); from < parts.length; from++) {
        const end = parts.slice(from).join('/');
        if (!this.chunks.has(end)) this.chunks.set(end, chunk);
      }
    }
  }

  /** The file that a module was loaded from, by the functions that the heap has of it. */
  ofModule(name: string): Source | undefined {
    const chunk = name.startsWith('@') ? name : this.chunks.get(name.replaceAll('.', '/'));
    return chunk === undefined ? undefined : { chunk, line: 0 };
  }
}
