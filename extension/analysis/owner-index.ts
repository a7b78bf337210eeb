/**
 * The owner of each stack. A stack is its parent and one frame more, so what is known of the parent
 * tells the owner of the child in constant time: stacks are looked at once, when they are new,
 * whatever their number and depth.
 */
import { giveTurn } from '../common/turns';
import { bytes, Column, words } from '../profile/column';
import { type Frame, FrameFlag, FrameKind } from '../profile/frames';
import { chargedKind } from '../profile/kind-shares';
import { isLua } from '../profile/names';
import type { ProfileStore } from '../profile/store';
import {
  type Claim,
  claimOf,
  claimWithin,
  type Gateway,
  gatewayClaimed,
  gatewayOf,
} from './claims';
import { GroupingRules } from './grouping';
import { createsTimer, type HandOver, noHandOver, runsForOthers, Via, wakesLua } from './hand-over';
import { NoRequestIndex } from './no-request';
import { Owners } from './owners';

/** Bits of what is known of a stack. */
const Has = {
  lua: 1,
  garbageCollector: 2,
  jitCompiler: 4,
  pluginHere: 8,
  appHere: 16,
  /** The event loop called ngx_lua, to run a timer or to wake a coroutine. */
  woken: 32,
  /** Below a part that runs what others have handed over, and nothing of its own. */
  served: 64,
} as const;

/** Work below the owner that is not its own. */
export const Overhead = { none: 0, garbageCollector: 1, jitCompiler: 2 } as const;

/** Stacks that are looked at between two looks at the clock. */
const AT_ONCE = 250;

export class OwnerIndex {
  readonly owners = new Owners();
  readonly unknown: NoRequestIndex;
  /** By stack id; entry 0: samples without a frame. */
  private readonly ownerIds = new Column(words);
  private readonly bits = new Column(bytes);
  /** Owners on the way from the root, by level; 0: none. */
  private readonly plugins = new Column(words);
  private readonly parts = new Column(words);
  private readonly applications = new Column(words);
  private readonly callers = new Column(words);
  private readonly creators = new Column(words);
  private readonly vias = new Column(words);
  /** Owner ids of queues. */
  private readonly queues = new Set<number>();
  /** Files of libraries by number, from {@link Via.file} on. */
  private readonly files = new Map<string, number>();
  /** By function id: undefined: not looked at; null: it claims nothing. */
  private readonly claims: (Claim | null | undefined)[] = [];
  private gateway: Gateway | undefined;
  /** Functions that were looked at for it. */
  private looked = 0;

  constructor(
    private readonly store: ProfileStore,
    readonly rules: GroupingRules = new GroupingRules(),
  ) {
    this.unknown = new NoRequestIndex(store);
    this.push({ owner: this.owners.idOf('other', 'unknown'), ...nobody });
  }

  /** Owner id of each stack that the store has now; valid until the next call. */
  update(): Uint32Array {
    const { stacks } = this.store;
    this.unknown.update(stacks.count);
    this.gateway ??= this.findGateway();
    for (let stack = this.ownerIds.length; stack <= stacks.count; stack++) this.look(stack, stacks);
    return this.ownerIds.data;
  }

  /** Looks at most of what is new, so that {@link update} need not do it all at once. */
  async advance(): Promise<void> {
    for (let fn = this.claims.length || 1; fn <= this.store.functions.length; fn++) {
      this.claim(fn);
      await giveTurn();
    }
    this.gateway ??= this.findGateway();
    while (this.store.stacks.count - this.ownerIds.length >= AT_ONCE) {
      const { stacks } = this.store;
      for (let i = 0; i < AT_ONCE; i++) this.look(this.ownerIds.length, stacks);
      this.unknown.update(this.ownerIds.length - 1);
      await giveTurn();
    }
  }

  private look(stack: number, stacks: ProfileStore['stacks']): void {
    const parent = stacks.parents[stack - 1]!;
    const frame = this.store.frames[stacks.frames[stack - 1]! - 1]!;
    const above = parent === 0 ? 0 : stacks.frames[parent - 1]!;
    this.push(this.judge(parent, frame, this.store.frames[above - 1]));
  }

  /** Returns which overhead of its owner a stack is. */
  overheadOf(stack: number): number {
    const bits = this.bits.data[stack]!;
    if ((bits & Has.garbageCollector) !== 0) return Overhead.garbageCollector;
    return (bits & Has.jitCompiler) !== 0 ? Overhead.jitCompiler : Overhead.none;
  }

  /** Whether it hands work over, or runs what was handed over. */
  handOverOf(stack: number): HandOver {
    const via = this.vias.data[stack]!;
    const creator = this.creators.data[stack]!;
    if (via !== 0) return { creator, via, fills: creator !== 0 && this.queues.has(via) };
    const woken = (this.bits.data[stack]! & (Has.woken | Has.lua)) === Has.woken;
    return woken ? { ...noHandOver, via: Via.ngxLua } : noHandOver;
  }

  private push(state: State & { owner: number }): void {
    this.ownerIds.push(state.owner);
    this.bits.push(state.bits);
    this.plugins.push(state.plugin);
    this.parts.push(state.part);
    this.applications.push(state.application);
    this.callers.push(state.caller);
    this.creators.push(state.creator);
    this.vias.push(state.via);
  }

  private judge(parent: number, frame: Frame, above: Frame | undefined): State & { owner: number } {
    const state: State = {
      bits: this.bits.data[parent]!,
      plugin: this.plugins.data[parent]!,
      part: this.parts.data[parent]!,
      application: this.applications.data[parent]!,
      caller: this.callers.data[parent]!,
      creator: this.creators.data[parent]!,
      via: this.vias.data[parent]!,
    };
    if ((frame.flags & FrameFlag.spawned) !== 0 || this.resumes(above))
      state.bits &= ~(Has.pluginHere | Has.appHere);
    state.bits = overheadBits(state.bits, frame.kind);
    const claim = isLua(frame.kind) ? this.claim(frame.function) : undefined;
    const info = this.store.functionInfo(frame.function);
    const caller = above && this.store.functionInfo(above.function);
    if (wakesLua(frame, info, caller)) state.bits |= Has.woken;
    if (createsTimer(frame, info)) this.handOver(state, Via.ngxLua, caller?.file ?? '');
    if (claim !== undefined) this.enter(state, claim);
    if (isLua(frame.kind)) this.beginInLibrary(state, claim, info?.file ?? '');
    if (isLuaSide(frame.kind)) state.bits |= Has.lua;
    return { ...state, owner: this.ownerOf(state, frame) };
  }

  private enter(state: State, claim: Claim): void {
    const within = claimWithin(claim, this.gateway);
    if (runsForOthers(claim)) {
      const id = this.owners.idOf(within.kind, within.name);
      if (claim.level === 'core') this.queues.add(id);
      this.handOver(state, id, '');
    } else if (this.isOfItsOwn(state, within)) {
      state.creator = state.via = 0;
      state.bits &= ~Has.served;
    }
    this.take(state, within);
  }

  /** The gateway's helpers and libraries serve what hands over, too. */
  private isOfItsOwn(state: State, { level }: Claim): boolean {
    return level !== 'library' && (level !== 'gateway' || state.creator === 0);
  }

  /** @param file of the library that does it, where it is one. */
  private handOver(state: State, to: number, file: string): void {
    const known = state.plugin || state.part || state.application || state.caller;
    const library = to === Via.ngxLua ? this.files.get(file) : undefined;
    if (state.via >= Via.file && state.creator === 0) return;
    if ((state.bits & Has.served) !== 0) {
      if (to !== Via.ngxLua) state.via = to;
    } else if (known !== 0) {
      state.creator ||= known;
      state.via = library ?? to;
    } else if (to !== Via.ngxLua) {
      // The root of a thread that runs what others want.
      state.bits |= Has.served;
      state.via = to;
    }
  }

  /** A timer whose function is of a library: who has set it calls the same library. */
  private beginInLibrary(state: State, claim: Claim | undefined, file: string): void {
    const library = claim === undefined || claim.level === 'library';
    if (!library || file === '') return;
    let number = this.files.get(file);
    if (number === undefined) this.files.set(file, (number = Via.file + this.files.size));
    if ((state.bits & Has.lua) === 0) state.via = number;
  }

  private take(state: State, claim: Claim): void {
    if (claim.level === 'block') Object.assign(state, nobody);
    const id = this.owners.idOf(claim.kind, claim.name);
    switch (claim.level) {
      case 'plugin':
        // Of a coroutine's plugins the one next to its root owns it: the others are its helpers.
        if ((state.bits & Has.pluginHere) === 0) state.plugin = id;
        state.bits |= Has.pluginHere;
        return;
      case 'core':
        state.part = id;
        return;
      case 'gateway':
        if (state.part === 0) state.part = id;
        return;
      case 'service':
        if (state.part !== 0) state.part = id;
        else if (state.caller === 0) state.caller = id;
        return;
      case 'application':
        if ((state.bits & Has.appHere) === 0) state.application = id;
        state.bits |= Has.appHere;
        return;
      case 'module':
        state.application = id;
        return;
      case 'block':
      case 'library':
        if (state.caller === 0) state.caller = id;
    }
  }

  private ownerOf(state: State, { kind }: Frame): number {
    const named = state.plugin || state.part || state.application || state.caller;
    if (named !== 0) return named;
    if ((state.bits & Has.lua) !== 0) return this.owners.idOf('other', 'Lua of unknown origin');
    if (kind === FrameKind.Kernel) return this.owners.idOf('kernel', 'kernel');
    if (unnamed.has(kind)) return this.owners.idOf('other', 'unknown');
    return this.owners.idOf('nginx', 'nginx');
  }

  /** By what is loaded; where that was not read, by whose code was seen. */
  private findGateway(): Gateway | undefined {
    for (const { names } of this.store.modules) {
      const gateway = gatewayOf(names);
      if (gateway !== undefined) return gateway;
    }
    while (this.looked < this.store.functions.length) {
      const claim = this.claim(++this.looked);
      const gateway = claim && gatewayClaimed(claim);
      if (gateway !== undefined) return gateway;
    }
    return undefined;
  }

  private claim(fn: number): Claim | undefined {
    let claim = this.claims[fn];
    if (claim === undefined) {
      claim = claimOf(this.store.functionInfo(fn)?.file ?? '', this.rules) ?? null;
      this.claims[fn] = claim;
    }
    return claim ?? undefined;
  }

  /** Whether what stands on this frame is a coroutine that it has resumed. */
  private resumes(frame: Frame | undefined): boolean {
    if (frame?.kind !== FrameKind.LuaC && frame?.kind !== FrameKind.LuaBuiltin) return false;
    return this.store.functionInfo(frame.function)?.name.startsWith('coroutine.') ?? false;
  }
}

const unnamed: ReadonlySet<FrameKind> = new Set([
  FrameKind.Unknown,
  FrameKind.Truncated,
  FrameKind.Incomplete,
]);

interface State {
  bits: number;
  plugin: number;
  part: number;
  application: number;
  /** A block of the configuration, or a library that nobody known has called. */
  caller: number;
  /** As of a {@link HandOver}. */
  creator: number;
  via: number;
}

const nobody: State = {
  bits: 0,
  plugin: 0,
  part: 0,
  application: 0,
  caller: 0,
  creator: 0,
  via: 0,
};

/** As in profile/kind-shares.ts: Lua that a finalizer runs is not the collector's work. */
function overheadBits(bits: number, kind: FrameKind): number {
  const above = bits & (Has.garbageCollector | Has.jitCompiler);
  const caller = above === 0 ? kind : above & Has.jitCompiler ? JitCompiler : GarbageCollector;
  const charged = chargedKind(kind, caller);
  const kept = bits & ~above;
  if (charged === GarbageCollector) return kept | Has.garbageCollector;
  return charged === JitCompiler ? kept | Has.jitCompiler : kept;
}

const { GarbageCollector, JitCompiler } = FrameKind;

function isLuaSide(kind: FrameKind): boolean {
  return isLua(kind) || kind === FrameKind.LuaBuiltin || kind === FrameKind.LuaC;
}
