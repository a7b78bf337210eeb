/** The look that each burner in lua/burners/ must have in a profile. */

export interface Burner {
  /**
   * The Lua functions that may be on its stack, from its first one to the innermost, one list for
   * each way it can be busy. `pcall` and `xpcall` are named too, `+name` is the first function of
   * a light thread, and a sample may stop anywhere on the way.
   */
  readonly frames: readonly (readonly string[])[];
  /** Its stack is deeper than what is kept: both its ends are, and between them is a gap. */
  readonly truncated?: boolean;
  /** The built-ins and C functions of the FFI that its innermost function calls. */
  readonly calls?: readonly string[];
  /** It is the root of its stack. */
  readonly root?: boolean;
  /**
   * Functions in which compiled code works, guarded at each step. Code before a function's first
   * guard counts as its caller's, so they have many.
   */
  readonly guarded?: readonly string[];
  /** Where LuaJIT's own profiler is known to mislead. */
  readonly misleads?: string;
}

/** Lua frames that a stack keeps: of a deeper one half of them at each end. */
const KEPT = 128;

/** `run`, then `down` as often as is kept beside what runs it, of which some may be built-in. */
function deep(innermost: readonly string[]): string[][] {
  return [3, 4, 5, 6].map((others) => [
    'run',
    ...Array<string>(KEPT - others - innermost.length).fill('down'),
    ...innermost,
  ]);
}

const atNextBytecode = 'books C at the next bytecode';
const noParents = 'sees the innermost coroutine only';

export const BURNERS: Readonly<Record<string, Burner>> = {
  spin: { frames: [['run']] },
  lines: { frames: [['run']] },
  calls: { frames: [['run', 'tiny']] },
  guards: { frames: [['run', 'outer', 'middle', 'work']], guarded: ['work'] },
  branches: {
    frames: [
      ['run', 'even'],
      ['run', 'odd'],
    ],
    guarded: ['even', 'odd'],
  },
  errors: { frames: [['run', 'pcall', 'middle', 'xpcall', 'inner', 'pcall', 'burn']] },
  coroutines: { frames: [['run', 'outer', 'middle', 'inner', 'burn']], misleads: noParents },
  varargs: { frames: [['run', 'pass', 'last']] },
  tail: {
    frames: [
      ['run', 'first'],
      ['run', 'second'],
      ['run', 'third'],
    ],
  },
  deep: {
    frames: [...deep(['burn']), ...deep([])],
    truncated: true,
  },
  metamethods: { frames: [['run', 'add', 'get', 'burn']] },
  strings: { frames: [['run']] },
  tables: { frames: [['run', 'make']] },
  ffi_calls: {
    frames: [['run']],
    calls: ['strlen', 'tonumber', '__index'],
    misleads: atNextBytecode,
  },
  cdata: {
    frames: [['run']],
    calls: ['__add', '__index', '__newindex', 'ffi.copy'],
    misleads: atNextBytecode,
  },
  long_c: { frames: [['run']], misleads: atNextBytecode },
  callbacks: {
    frames: [
      ['run', 'before'],
      ['run', 'each'],
    ],
    misleads: atNextBytecode,
  },
  threads: {
    frames: [
      ['run', '+outer', '+inner', 'burn'],
      ['run', '+outer', 'burn'],
    ],
    misleads: noParents,
  },
  timers: {
    frames: [
      ['fire', 'burn'],
      ['fire', 'cpu'],
    ],
    root: true,
  },
  regexes: { frames: [['run']], misleads: atNextBytecode },
  json: { frames: [['run']], misleads: atNextBytecode },
  digest: { frames: [['run']], misleads: atNextBytecode },
};
