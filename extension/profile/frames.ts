/**
 * The parts of a profile. The numbers of the enums are those of native/wire/acupoint.proto (a
 * unit test holds the two together); the model itself knows nothing of the wire.
 */
import type { PointRows, SeriesInfo, StackRows, TableRows } from './rows';

export enum FrameKind {
  Unknown = 0,
  Kernel = 1,
  Native = 2,
  Lua = 3,
  LuaJit = 4,
  LuaBuiltin = 5,
  LuaC = 6,
  GarbageCollector = 7,
  JitCompiler = 8,
  VmExit = 9,
  /** More frames than are kept. */
  Truncated = 10,
  /** The walk of the stack ended before its root was reached. */
  Incomplete = 12,
  /** The thing that is waited for, innermost. */
  Wait = 13,
}

/** Bits of {@link Frame.flags}. */
export const FrameFlag = {
  approximate: 1,
  inlined: 2,
  collected: 4,
  spawned: 8,
  tailCalled: 16,
} as const;

export enum VmState {
  None = 0,
  Interpreter = 1,
  C = 2,
  Gc = 3,
  Exit = 4,
  Record = 5,
  Optimise = 6,
  Assemble = 7,
  Jit = 8,
}

/** How well the Lua stack of a sample was recovered. */
export enum Quality {
  NoLua = 0,
  Exact = 1,
  FunctionOnly = 2,
  TraceRoot = 3,
  Unknown = 4,
}

/** A function as a symbol: what a frame of the flame graph stands for. */
export interface FunctionInfo {
  readonly name: string;
  /** Its compiler's name for it, where `name` is what people call it. */
  readonly symbol?: string;
  /**
   * Lua: the chunk name as the VM holds it; native: the mapped file; kernel: the module; else ''.
   */
  readonly file: string;
  /** Where it is defined; 0: not known (a Lua main chunk has line 0 as well). */
  readonly line: number;
  /** Lua only, else 0. */
  readonly lastLine: number;
  /**
   * Tells it from others that agree in all else: of Lua a digest of the code, the same wherever that
   * runs; of native code without a name, where in its file it begins. Absent: not known.
   */
  readonly identity?: number;
  /**
   * The pieces that the compiler made of it and that were seen: "foo.part.0", "foo.cold". Grows while
   * the capture runs.
   */
  readonly parts?: readonly string[];
}

export interface Frame {
  /** Function id, 1-based. */
  readonly function: number;
  readonly kind: FrameKind;
  /** Line being executed; 0: not known. */
  readonly line: number;
  readonly flags: number;
}

export interface SampleLabels {
  readonly vmState: VmState;
  readonly quality: Quality;
  /** JIT trace number, or 0. */
  readonly trace: number;
  /** "access", "log", "timer", ...; '': not known, or no Lua ran. */
  readonly phase: string;
}

/**
 * The request that a sample was taken in, as its client sent it: rewrites and subrequests count for
 * the request that caused them. The probe bounds how many different ones there are; what is beyond
 * that is "(other)" in the field concerned.
 */
export interface RequestInfo {
  readonly method: string;
  /** Without port; '': it names none. */
  readonly host: string;
  /** Without query; a long one is cut and ends in "...". */
  readonly uri: string;
}

/** The modules that a Lua VM has loaded: they replace what was said of the same VM before. */
export interface LoadedModules {
  readonly pid: number;
  /** Address of its global state, in hexadecimal: with pid, which VM it is. */
  readonly vm: string;
  /** As in package.loaded. */
  readonly names: readonly string[];
  /** How many more there are. */
  readonly leftOut: number;
  /** The versions, as they say; '': not loaded. */
  readonly kongVersion: string;
  readonly apisixVersion: string;
}

/**
 * The rows that one tick of a probe adds. Dictionary entries take consecutive 1-based ids in order
 * of arrival; rows refer to them by id; id 0 means none.
 */
export interface ProfileBatch {
  /** End of the interval, microseconds since the capture began. */
  readonly timeUs: number;
  readonly intervalUs: number;
  readonly functions: readonly FunctionInfo[];
  readonly frames: readonly Frame[];
  readonly stackParents: Uint32Array;
  readonly stackFrames: Uint32Array;
  readonly labels: readonly SampleLabels[];
  readonly requests: readonly RequestInfo[];
  readonly modules: readonly LoadedModules[];
  /** Series that rows of this batch and of later ones are of. */
  readonly series: readonly SeriesInfo[];
  /** At most one of each series, as in the other two. */
  readonly stacks: readonly StackRows[];
  readonly tables: readonly TableRows[];
  readonly points: readonly PointRows[];
}
