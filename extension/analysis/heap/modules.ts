/** The modules that the VMs have loaded: what package.loaded names, and whose each of them is. */
import { claimOf, claimWithin, pathClaim, type Claim, type Gateway, gatewayOf } from '../claims';
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
  readonly gateway: Gateway | undefined;
  /** The tables named _LOADED themselves, one for each VM. */
  readonly tables: readonly number[];
}

/** They come with LuaJIT and ngx_lua. */
const builtIn =
  /^(_G|string|table|math|io|os|debug|coroutine|package|bit|bit32|ffi|utf8|ngx|ndk|jit(\..*)?|table\..*|string\.buffer|thread\..*)$/;

const language: Claim = { level: 'library', kind: 'other', name: 'Lua and ngx_lua' };

export function loadedModules(graph: HeapGraph, rules: GroupingRules): Loaded {
  const tables: number[] = [];
  const found: Omit<Module, 'claim'>[] = [];
  for (const vm of graph.vms) {
    const registry = follow(graph, vm.id, (label) => label === Edge.root - Root.registry);
    const loaded = follow(graph, registry, (label) => graph.texts.get(label) === '_LOADED');
    if (loaded === 0) continue;
    tables.push(loaded);
    forEachEdge(graph, loaded, (object, label) => {
      const name = label > 0 ? graph.texts.get(label) : undefined;
      if (name !== undefined && isModule(graph, object)) found.push({ name, object });
    });
  }
  const gateway = gatewayOf(found.map(({ name }) => name));
  const modules = found.map((module) => ({
    ...module,
    claim: claimWithin(moduleClaim(module.name, rules), gateway),
  }));
  return { modules, gateway, tables };
}

export function moduleClaim(name: string, rules: GroupingRules): Claim {
  if (builtIn.test(name)) return language;
  // A name is that of a file below one of the folders of modules, or of a folder there.
  const path = `share/lua/5.1/${name.replaceAll('.', '/')}`;
  const inside = pathClaim(`${path}/init.lua`, rules);
  if (name === 'kong' || name === 'apisix') return inside ?? language;
  const claim = pathClaim(`${path}.lua`, rules);
  if (claim?.level === 'gateway' && inside?.level === 'core') return inside;
  return claim ?? { level: 'application', kind: 'other', name };
}

/** Returns whose a prototype's code is; undefined: anybody's. */
export function chunkClaim(
  graph: HeapGraph,
  proto: number,
  rules: GroupingRules,
  gateway: Gateway | undefined,
): Claim | undefined {
  const chunk = graph.texts.get(graph.prototypes.get(proto)?.chunkName ?? 0);
  const claim = chunk === undefined ? undefined : claimOf(chunk, rules);
  return claim && claimWithin(claim, gateway);
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
