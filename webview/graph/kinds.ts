/**
 * How the kinds of frames are told apart in words: colour alone must never carry the meaning. Hues
 * are those of the Okabe-Ito set, which people with any of the common colour blindnesses can tell
 * apart.
 */
import { FrameFlag, FrameKind } from '../../extension/profile/frames';
import { chargedKinds } from '../../extension/profile/kind-shares';
import type { Tree } from './tree';

export interface Kind {
  readonly label: string;
  /** Stands behind a frame's name. Empty where the name says it already: "[garbage collector]". */
  readonly marker: string;
  readonly hue: string;
  /** Set where it stands for nobody's code and nobody's memory. */
  readonly hatched?: boolean;
}

/** The kinds that the frames of a tree may be of. */
export interface Kinds {
  /** By number. */
  readonly all: readonly Kind[];
  /** Numbers in the order of the legend. */
  readonly order: readonly number[];
  /** For each node the kind that its own time counts for; absent: that of its frame. */
  charged?(tree: Pick<Tree, 'parents' | 'kinds'>): Uint8Array;
}

export const frameKinds: Kinds = {
  all: [
    { label: 'Unknown', marker: '', hue: '#9c9c9c', hatched: true },
    { label: 'Kernel', marker: '(kernel)', hue: '#cc79a7' },
    { label: 'Native C', marker: '(c)', hue: '#9fc7a8' },
    { label: 'Lua, interpreted', marker: '(lua)', hue: '#e69f00' },
    { label: 'Lua, JIT-compiled', marker: '(jit)', hue: '#56b4e9' },
    { label: 'Lua built-in', marker: '(builtin)', hue: '#f0e442' },
    { label: 'C called from Lua', marker: '(lua c)', hue: '#009e73' },
    { label: 'Garbage collector', marker: '', hue: '#d55e00' },
    { label: 'JIT compiler', marker: '', hue: '#0072b2' },
    { label: 'JIT exit', marker: '', hue: '#8d84d8' },
    { label: 'Too deep', marker: '', hue: '#a8a8a8', hatched: true },
    // The number of a kind that was, and is not used again.
    { label: 'Idle', marker: '', hue: '#9c9c9c' },
    { label: 'Incomplete stack', marker: '', hue: '#b8b8b8', hatched: true },
    { label: 'What is waited for', marker: '(waits)', hue: '#b39ddb' },
  ],
  // Lua first, then what it costs beside, then what lies below it, then what is not known.
  order: [
    FrameKind.LuaJit,
    FrameKind.Lua,
    FrameKind.LuaBuiltin,
    FrameKind.LuaC,
    FrameKind.GarbageCollector,
    FrameKind.JitCompiler,
    FrameKind.VmExit,
    FrameKind.Native,
    FrameKind.Kernel,
    FrameKind.Wait,
    FrameKind.Truncated,
    FrameKind.Incomplete,
    FrameKind.Unknown,
  ],
  charged: chargedKinds,
};

export function kindText(kinds: Kinds, kind: number): Pick<Kind, 'label' | 'marker'> {
  return kinds.all[kind] ?? { label: `Kind ${kind}`, marker: `(kind ${kind})` };
}

/** A word for where there is little room, and what it means. */
const FLAG_TEXTS: readonly [number, string, string][] = [
  [FrameFlag.approximate, 'approximate', 'approximate: the line may be a few off (JIT)'],
  [FrameFlag.inlined, 'inlined', 'inlined into a JIT trace'],
  [FrameFlag.collected, 'collected', 'its prototype was gone when it was to be named'],
  [FrameFlag.spawned, 'spawned', 'spawned: its caller here is the coroutine that created it'],
  [FrameFlag.tailCalled, 'tail call', 'tail call: callers may be missing'],
];

/** @param kind of the frame, or of most of them: C code has no lines. */
export function flagTexts(flags: number, kind: FrameKind): string[] {
  const isLua = kind === FrameKind.Lua || kind === FrameKind.LuaJit;
  return FLAG_TEXTS.filter(([bit]) => (flags & bit) !== 0).map(([bit, , text]) =>
    bit === FrameFlag.approximate && !isLua ? NO_SYMBOL : text,
  );
}

const NO_SYMBOL = 'no symbol: named by the nearest one';

export function flagWords(flags: number): string[] {
  return FLAG_TEXTS.filter(([bit]) => (flags & bit) !== 0).map(([, word]) => word);
}
