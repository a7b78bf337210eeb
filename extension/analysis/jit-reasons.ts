/** LuaJIT's reasons for giving up on a trace, explained to whoever writes the Lua code. */

const MEANINGS: Readonly<Record<string, string>> = {
  'error thrown or hook called during recording':
    'An error was thrown, or a debug hook ran, while the trace was recorded.',
  'trace too short': 'There was too little to compile between the start of the trace and its end.',
  'trace too long':
    'The path has more instructions than a trace may have (maxrecord). Smaller functions and loops compile.',
  'trace too deep': 'Calls are nested deeper than a trace may follow.',
  'too many snapshots':
    'The path has more points at which it can be left than a trace may have (maxsnap): many branches.',
  blacklisted: 'The path runs into a function or loop that the compiler has given up on before.',
  'retry recording': 'The recording was begun again for another reason; this one costs little.',
  'NYI: bytecode':
    'An instruction that the compiler cannot handle, such as the creation of a closure or a loop over varargs.',
  'leaving loop in root trace':
    'The loop was left while it was recorded. It will be tried again; a loop that hardly ever runs twice is no use to compile.',
  'inner loop in root trace':
    'An inner loop was met while an outer one was recorded. The inner one is compiled first.',
  'loop unroll limit reached':
    'A loop was unrolled too often (loopunroll), as when an inner loop has few and changing rounds.',
  'bad argument type': 'A built-in function was called with an argument that it does not take.',
  'JIT compilation disabled for function': 'jit.off was called for this function or its module.',
  'call unroll limit reached': 'Calls are nested or recursive beyond callunroll or recunroll.',
  'down-recursion, restarting': 'A recursion returns more often than it calls; it is tried again.',
  'NYI: unsupported variant of FastFunc':
    'A built-in function is used in a way that the compiler does not handle. Another form of the call may compile.',
  'NYI: return to lower frame': 'The trace returns to a caller below the function where it began.',
  'store with nil or NaN key': 'A table is written to with nil or NaN as the key.',
  'missing metamethod': 'An operation needs a metamethod that the value does not have.',
  'looping index lookup': '__index leads around in a circle.',
  'NYI: mixed sparse/dense table': 'A table constructor or a table of an unusual shape.',
  'symbol not in cache': 'A C symbol was first used while recording; the next attempt knows it.',
  'NYI: unsupported C type conversion': 'An FFI conversion that the compiler does not handle.',
  'NYI: unsupported C function type':
    'An FFI call with arguments or a result that the compiler does not handle, such as structs by value or varargs.',
  'guard would always fail': 'The recorded path contradicts itself and could never be taken again.',
  'too many PHIs': 'Too many values change from round to round of the loop.',
  'persistent type instability':
    'A variable keeps changing its type from round to round of the loop.',
  'failed to allocate mcode memory':
    'No memory for machine code was free close enough to the VM. With it goes all compilation: see maxmcode and sizemcode.',
  'machine code too long': 'The compiled trace would not fit into one area of machine code.',
  'hit mcode limit (retrying)':
    'An area of machine code was full; another was taken. Often together with flushes: see maxmcode.',
  'too many spill slots': 'Too many values are alive at the same time.',
  'inconsistent register allocation': 'A limit of the register allocator; the path is too complex.',
  'NYI: cannot assemble IR instruction': 'An operation that has no machine code on this CPU.',
  'NYI: PHI shuffling too complex':
    'Too many values change places from round to round of the loop.',
  'NYI: register coalescing too complex': 'Too many values change places at the end of the loop.',
};

/** '' where nobody has written it down. */
export function meaningOf(reason: string): string {
  return Object.hasOwn(MEANINGS, reason) ? MEANINGS[reason]! : '';
}
