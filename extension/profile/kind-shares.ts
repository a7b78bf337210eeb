/** Own time by kind of frame, in which the collector and the JIT compiler have what they cause. */
import { FrameKind } from './frames';

/**
 * The kind that a frame's own time counts for. C and kernel code that the garbage collector or the
 * JIT compiler runs is theirs, whatever the frames are of; Lua that a finalizer runs is Lua.
 * @param caller what the time of the frame's caller counts for.
 */
export function chargedKind(kind: FrameKind, caller: FrameKind): FrameKind {
  const isOverhead = caller === FrameKind.GarbageCollector || caller === FrameKind.JitCompiler;
  return isOverhead && below.has(kind) ? caller : kind;
}

const below: ReadonlySet<FrameKind> = new Set([
  FrameKind.Unknown,
  FrameKind.Kernel,
  FrameKind.Native,
  FrameKind.Truncated,
  FrameKind.Incomplete,
]);

interface KindTree {
  readonly parents: Int32Array;
  readonly kinds: Uint8Array;
  readonly self: Float64Array;
  readonly frameless: number;
}

export interface KindWeights {
  /** Adds up, together with `hidden`, to the weight of the tree. */
  readonly byKind: Float64Array;
  /** Of samples all of whose frames are left out by a filter. */
  readonly hidden: number;
}

/** For each node the kind that its own time counts for. Parents stand before their children. */
export function chargedKinds({ parents, kinds }: Pick<KindTree, 'parents' | 'kinds'>): Uint8Array {
  const charged = Uint8Array.from(kinds);
  for (let node = 1; node < charged.length; node++)
    charged[node] = chargedKind(kinds[node]!, charged[parents[node]!]!);
  return charged;
}

/** @param charged kind of each node; beyond the last of `kinds` ones count as unknown. */
export function weightsByKind(
  { self, frameless }: Pick<KindTree, 'self' | 'frameless'>,
  charged: Uint8Array,
  kinds: number,
): KindWeights {
  const byKind = new Float64Array(kinds);
  byKind[FrameKind.Unknown] = frameless;
  for (let node = 1; node < self.length; node++) {
    const kind = charged[node]!;
    byKind[kind < kinds ? kind : FrameKind.Unknown]! += self[node]!;
  }
  return { byKind, hidden: self[0]! - frameless };
}
