/** One recorded stack, seen as a burner's. */
import { FrameFlag } from '../../extension/profile/frames';
import type { Burner } from './burners';
import type { RecordedFrame, Recording } from './record';
import { burnerOf, isOurs } from './source';

export interface Seen {
  readonly count: number;
  readonly vmState: string;
  readonly quality: string;
  /** It was taken in compiled code, or in what that called. */
  readonly onTrace: boolean;
  /** undefined: of none. */
  readonly burner: string | undefined;
  /** Lua functions of these files, pcall and xpcall, from the root to the leaf. */
  readonly chain: readonly string[];
  readonly truncated: boolean;
  /** The first Lua frame of the whole stack is the first of `chain`. */
  readonly rooted: boolean;
  /** The innermost frame of the chain. */
  readonly leaf: RecordedFrame | undefined;
  /** Built-ins above it. */
  readonly calls: readonly string[];
  /** The line of the innermost Lua frame, whosever it is, is known. */
  readonly lineKnown: boolean;
}

const isLua = (frame: RecordedFrame) => frame.kind === 'lua' || frame.kind === 'luaJit';
const isProtected = (frame: RecordedFrame) =>
  frame.kind === 'builtin' && (frame.name === 'pcall' || frame.name === 'xpcall');

export function readStacks(recording: Recording): Seen[] {
  return recording.stacks.map((stack) => {
    const frames = stack.frames.flatMap((index) => recording.frames[index] ?? []);
    const luaFrames = frames.filter((frame) => isLua(frame) || isProtected(frame));
    const last = luaFrames.findLastIndex((frame) => isLua(frame) && isOurs(frame.file));
    const chain = luaFrames.slice(0, last + 1);
    const leaf = chain.at(-1);
    const first = frames.find(isLua);
    return {
      count: stack.count,
      vmState: stack.vmState,
      quality: stack.quality,
      onTrace: stack.trace > 0 || stack.quality === 'traceRoot',
      burner: chain.map(({ file }) => burnerOf(file)).find((name) => name !== undefined),
      chain: chain.map(({ name, flags }) => (flags & FrameFlag.spawned ? `+${name}` : name)),
      truncated: frames.some(({ kind }) => kind === 'truncated'),
      rooted: first !== undefined && isOurs(first.file),
      leaf,
      calls: frames
        .slice(leaf ? frames.lastIndexOf(leaf) + 1 : 0)
        .filter(({ kind }) => kind === 'builtin')
        .map(({ name }) => name),
      lineKnown: (luaFrames.findLast(isLua)?.line ?? 0) > 0,
    };
  });
}

const BELOW = ['main chunk', 'drive'];

/** Is it what the burner must look like, or the beginning of that? */
export function isComplete(seen: Seen, burner: Burner): boolean {
  if (!seen.rooted || seen.truncated !== (burner.truncated ?? false)) {
    return burner.truncated === true && isShallow(seen);
  }
  return (
    isWayOf(seen.chain, burner) &&
    seen.calls.every((name) => burner.calls?.includes(name) ?? true) &&
    seen.chain.length > (burner.root ? 0 : BELOW.length)
  );
}

/** Is it a chain of Lua functions that the burner can have, or the beginning of one? */
export function isWayOf(chain: readonly string[], burner: Burner): boolean {
  const below = burner.root ? [] : BELOW;
  return burner.frames.some((frames) => {
    const wanted = [...below, ...frames];
    return chain.every((name, index) => name === wanted[index]);
  });
}

/** On the way down to its depth, or up again, it is not yet too deep. */
function isShallow(seen: Seen): boolean {
  const wanted = [...BELOW, 'run', ...Array<string>(seen.chain.length).fill('down')];
  return !seen.truncated && seen.rooted && seen.chain.every((name, i) => name === wanted[i]);
}
