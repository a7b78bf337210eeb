/** The modules that the VMs have loaded: what package.loaded names, and whose each of them is. */
import { claimOf, pathClaim, type Claim } from '../claims';
import type { GroupingRules } from '../grouping';
import { Edge, type HeapGraph, ObjectType, Root } from './graph';

export interface Module {
  readonly name: string;
  /** The table or function that it is. */
  readonly object: number;
  readonly claim: Claim;
}

export interface Loaded {
  readonly modules: readonly Module[];
  /** The tables named _LOADED themselves, one for each VM. */
  readonly tables: readonly number[];
}

/** They come with LuaJIT and ngx_lua. */
const builtIn =
  /^(_G|string|table|math|io|os|debug|coroutine|package|bit|bit32|ffi|utf8|ngx|ndk|jit(\..*)?|table\..*|string\.buffer|thread\..*)$/;

const language: Claim = { level: 'library', kind: 'other', name: 'Lua and ngx_lua' };

export function loadedModules(graph: HeapGraph, rules: GroupingRules): Loaded {
  const tables: number[] = [];
  const modules: Module[] = [];
  for (const vm of graph.vms) {
    const registry = follow(graph, vm.id, (label) => label === Edge.root - Root.registry);
    const loaded = follow(graph, registry, (label) => graph.texts.get(label) === '_LOADED');
    if (loaded === 0) continue;
    tables.push(loaded);
    forEachEdge(graph, loaded, (object, label) => {
      const name = label > 0 ? graph.texts.get(label) : undefined;
      if (name !== undefined && isModule(graph, object))
        modules.push({ name, object, claim: moduleClaim(name, rules) });
    });
  }
  return { modules, tables };
}

export function moduleClaim(name: string, rules: GroupingRules): Claim {
  if (builtIn.test(name)) return language;
  const path = name.replaceAll('.', '/');
  const file = path === 'kong' || path === 'apisix' ? `${path}/init.lua` : `${path}.lua`;
  // A name is that of a file below one of the folders of modules.
  return pathClaim(`share/lua/5.1/${file}`, rules) ?? { level: 'application', kind: 'other', name };
}

/** Whose a prototype's code is; undefined: anybody's. */
export function chunkClaim(graph: HeapGraph, proto: number, rules: GroupingRules) {
  const chunk = graph.texts.get(graph.prototypes.get(proto)?.chunkName ?? 0);
  return chunk === undefined ? undefined : claimOf(chunk, rules);
}

export function forEachEdge(
  graph: HeapGraph,
  id: number,
  take: (target: number, label: number) => void,
): void {
  for (let i = graph.firstEdge[id]!; i < graph.firstEdge[id + 1]!; i++)
    take(graph.targets[i]!, graph.labels[i]!);
}

/** Where the first edge that `fits` leads to; 0: there is none. */
export function follow(graph: HeapGraph, id: number, fits: (label: number) => boolean): number {
  if (id === 0) return 0;
  for (let i = graph.firstEdge[id]!; i < graph.firstEdge[id + 1]!; i++)
    if (fits(graph.labels[i]!)) return graph.targets[i]!;
  return 0;
}

function isModule(graph: HeapGraph, object: number): boolean {
  const type = graph.types[object];
  return type === ObjectType.table || type === ObjectType.function;
}
