/**
 * Who may hold objects: each owner is a node above its modules, and each module one above what is
 * its own: the module's table, and the functions of a plugin wherever they are referred to from.
 * Other references to these do not count: whoever lists a plugin's handler does not hold it.
 */
import type { Claim, ClaimLevel, Gateway } from '../claims';
import type { GroupingRules } from '../grouping';
import { Edge, type HeapGraph, ObjectType, Root } from './graph';
import { chunkClaim, follow, forEachEdge, loadedModules } from './modules';
import { attachFinalizers } from './finalizers';
import { attachJobs } from './jobs';
import { Sources } from './sources';

export interface Holder {
  readonly node: number;
  readonly name: string;
  readonly kind: 'plugin' | 'core' | 'other';
  /** The owner's node; 0: this is one. */
  readonly owner: number;
}

export const rootNames = {
  vm: 'Lua VM and registry',
  globals: 'global variables',
  requests: 'requests and timers',
  compiled: 'compiled code',
  core: 'shared by parts of the core',
  shared: 'shared by several',
  garbage: 'garbage (freed at the next GC)',
} as const;

/** As owners of stacks are chosen: see analysis/owner-index.ts. */
const levelsOfRuns: readonly ClaimLevel[] = [
  'plugin',
  'core',
  'gateway',
  'application',
  'module',
  'service',
  'library',
  'block',
];

export class Holders {
  readonly all: Holder[] = [];
  /** By object: the node that holds it alone; 0: whoever refers to it. */
  readonly attached: Uint32Array;
  /** By object: where it is code of a part of the gateway, the node of its module. */
  readonly homes: Uint32Array;
  readonly sources: Sources;
  private readonly byName = new Map<string, Holder>();
  private readonly byChunk = new Map<string, Holder>();
  /** By the chunk of its file: what a module that was loaded claims by its name. */
  private readonly loaded = new Map<string, Claim>();
  private gateway: Gateway | undefined;

  constructor(
    private readonly graph: HeapGraph,
    private readonly rules: GroupingRules,
  ) {
    this.attached = new Uint32Array(graph.count + 1);
    this.homes = new Uint32Array(graph.count + 1);
    this.sources = new Sources(graph);
    this.attachRoots();
    this.attachModules();
    this.attachCode();
  }

  /** Nodes in all: the root, the objects, the holders. */
  get nodes(): number {
    return this.graph.count + 1 + this.all.length;
  }

  holder(node: number): Holder | undefined {
    return this.all[node - this.graph.count - 1];
  }

  owner(name: string, kind: Holder['kind']): Holder {
    return this.add(`${kind} ${name}`, { name, kind, owner: 0 });
  }

  private module(claim: Claim, name: string): Holder {
    const kind = claim.kind === 'plugin' || claim.kind === 'core' ? claim.kind : 'other';
    const owner = this.owner(claim.name, kind);
    return this.add(`${owner.node} ${name}`, { name, kind, owner: owner.node });
  }

  private add(key: string, holder: Omit<Holder, 'node'>): Holder {
    const known = this.byName.get(key);
    if (known !== undefined) return known;
    const added = { node: this.graph.count + 1 + this.all.length, ...holder };
    this.all.push(added);
    this.byName.set(key, added);
    return added;
  }

  private attachRoots(): void {
    const vm = this.owner(rootNames.vm, 'other');
    const globals = this.owner(rootNames.globals, 'other');
    for (const { id } of this.graph.vms) {
      this.attached[id] = vm.node;
      const table = follow(this.graph, id, (label) => label === Edge.root - Root.globals);
      const main = follow(this.graph, id, (label) => label === Edge.root - Root.mainThread);
      if (table !== 0) this.attached[table] = globals.node;
      if (main !== 0) this.attached[main] = vm.node;
    }
  }

  private attachModules(): void {
    const { modules, gateway, tables } = loadedModules(this.graph, this.rules);
    this.gateway = gateway;
    for (const table of tables) this.attached[table] = this.owner(rootNames.vm, 'other').node;
    for (const { name, object, claim } of modules) {
      // One object under two names belongs to the first; _G stays the table of global variables.
      if (this.attached[object] === 0) this.attached[object] = this.module(claim, name).node;
      const source = this.sources.ofModule(name);
      if (source !== undefined) this.loaded.set(source.chunk, claim);
    }
  }

  private attachCode(): void {
    const { graph } = this;
    const ofProtos = new Map<number, Holder | undefined>();
    const requests = this.owner(rootNames.requests, 'other');
    for (let id = 1; id <= graph.count; id++) {
      if (this.attached[id] !== 0) continue;
      const type = graph.types[id];
      if (type === ObjectType.function) {
        const proto = follow(graph, id, (label) => label === Edge.proto);
        if (proto === 0) continue;
        if (!ofProtos.has(proto)) ofProtos.set(proto, this.holderOfCode(proto));
        this.give(id, ofProtos.get(proto));
      } else if (type === ObjectType.thread) {
        this.attached[id] = (this.holderOfThread(id) ?? requests).node;
      }
    }
    for (const [proto, holder] of ofProtos) this.give(proto, holder);
    const holderOf = (fn: number) => this.holderOfRuns(this.claimsOf(fn));
    attachJobs(graph, this.attached, holderOf);
    attachFinalizers(graph, this.attached, holderOf);
  }

  /** Only a plugin's functions are its own wherever they are: others are held like any value. */
  private give(code: number, holder: Holder | undefined): void {
    if (holder?.kind === 'plugin') this.attached[code] = holder.node;
    else if (holder !== undefined) this.homes[code] = holder.node;
  }

  /** The module of a plugin or a part of the gateway that a prototype is of. */
  private holderOfCode(proto: number): Holder | undefined {
    const chunk = this.graph.texts.get(this.graph.prototypes.get(proto)!.chunkName);
    const known = this.byChunk.get(chunk ?? '');
    if (known !== undefined || chunk === undefined) return known;
    const claim = chunkClaim(this.graph, proto, this.rules, this.gateway);
    if (claim?.kind !== 'plugin' && claim?.kind !== 'core') return undefined;
    const holder = this.module(claim, this.moduleOf(claim, claim.kind, chunk));
    this.byChunk.set(chunk, holder);
    return holder;
  }

  /** The module that was loaded from a file, else the file. */
  private moduleOf(claim: Claim, kind: Holder['kind'], chunk: string): string {
    const path = chunk
      .replace(/^@/, '')
      .replace(/(\/init)?\.lua$/, '')
      .replaceAll('/', '.');
    const owner = this.owner(claim.name, kind).node;
    const known = this.all.find((each) => each.owner === owner && path.endsWith(each.name));
    return known?.name ?? chunk;
  }

  /** Returns whose code a coroutine runs, or will when its time has come. */
  private holderOfThread(id: number): Holder | undefined {
    const onStack: Claim[] = [];
    const ofFrames: Claim[] = [];
    forEachEdge(this.graph, id, (target, label) => {
      if (label === Edge.stack) onStack.push(...this.claimsOf(target));
      if (label === Edge.frame) ofFrames.push(...this.claimsOf(target));
    });
    // The root's first; a snapshot of an older probe has no frames.
    return this.holderOfRuns(ofFrames.length > 0 ? ofFrames : onStack.slice(0, 1));
  }

  /** Returns the claims of a Lua function; empty: it has none, or it is no Lua function. */
  private claimsOf(id: number): Claim[] {
    const { graph } = this;
    if (graph.types[id] !== ObjectType.function) return [];
    const proto = follow(graph, id, (label) => label === Edge.proto);
    if (proto === 0) return [];
    const claim = chunkClaim(graph, proto, this.rules, this.gateway);
    const chunk = graph.texts.get(graph.prototypes.get(proto)!.chunkName) ?? '';
    // Outside of a gateway a path says less than the name that a module was loaded by.
    const isOwn = claim?.level === 'application' || claim?.level === 'module';
    const named = isOwn ? this.loaded.get(chunk) : undefined;
    return (named ?? claim) === undefined ? [] : [(named ?? claim)!];
  }

  private holderOfRuns(claims: readonly Claim[]): Holder | undefined {
    for (const level of levelsOfRuns) {
      const claim = claims.find((each) => each.level === level);
      if (claim !== undefined) return this.module(claim, rootNames.requests);
    }
    return undefined;
  }
}
