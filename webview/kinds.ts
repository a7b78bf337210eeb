/** How the kinds of frames are told apart in words: colour alone must never carry the meaning. */
import { FrameFlag, FrameKind } from '../extension/profile/frames';

export interface KindText {
  readonly label: string;
  /** Stands behind a frame's name. Empty where the name says it already: "[garbage collector]". */
  readonly marker: string;
}

/** Indexed by FrameKind. */
const TEXTS: readonly KindText[] = [
  { label: 'Unknown', marker: '' },
  { label: 'Kernel', marker: '(kernel)' },
  { label: 'Native C', marker: '(c)' },
  { label: 'Lua, interpreted', marker: '(lua)' },
  { label: 'Lua, JIT-compiled', marker: '(jit)' },
  { label: 'Lua built-in', marker: '(builtin)' },
  { label: 'C called from Lua', marker: '(lua c)' },
  { label: 'Garbage collector', marker: '' },
  { label: 'JIT compiler', marker: '' },
  { label: 'JIT exit', marker: '' },
  { label: 'Truncated stack', marker: '' },
  { label: 'Idle', marker: '' },
];

export const KIND_COUNT = TEXTS.length;

/** Lua first, then what it costs beside, then what lies below it, then what is not known. */
export const LEGEND_ORDER: readonly FrameKind[] = [
  FrameKind.LuaJit,
  FrameKind.Lua,
  FrameKind.LuaBuiltin,
  FrameKind.LuaC,
  FrameKind.GarbageCollector,
  FrameKind.JitCompiler,
  FrameKind.VmExit,
  FrameKind.Native,
  FrameKind.Kernel,
  FrameKind.Idle,
  FrameKind.Truncated,
  FrameKind.Unknown,
];

export function kindText(kind: number): KindText {
  return TEXTS[kind] ?? { label: `Kind ${kind}`, marker: `(kind ${kind})` };
}

/** A word for where there is little room, and what it means. */
const FLAG_TEXTS: readonly [number, string, string][] = [
  [FrameFlag.approximate, 'approximate', 'approximate: the nearest known point'],
  [FrameFlag.inlined, 'inlined', 'inlined into a JIT trace'],
  [FrameFlag.collected, 'collected', 'its prototype was gone when it was to be named'],
  [FrameFlag.spawned, 'spawned', 'spawned: its caller here is the coroutine that created it'],
  [FrameFlag.tailCalled, 'tail call', 'tail call: callers may be missing'],
];

export function flagTexts(flags: number): string[] {
  return FLAG_TEXTS.filter(([bit]) => (flags & bit) !== 0).map(([, , text]) => text);
}

export function flagWords(flags: number): string[] {
  return FLAG_TEXTS.filter(([bit]) => (flags & bit) !== 0).map(([, word]) => word);
}
