/** The topic `jit`: what LuaJIT's compiler has done in each VM, and what it gave up on. */

export interface JitVm {
  pid: number;
  traces: number;
  maxTraces: number;
  machineCodeBytes: number;
  machineCodeLimit: number;
  /** Times that all traces were thrown away. */
  flushes: number;
  /** Of them, in the last minute. */
  recentFlushes: number;
  /** Runs of a loop before it is compiled; 0: not known. */
  hotloop: number;
  /** Exits of a trace before a side trace is made; 0: not known. */
  hotexit: number;
}

/** A place in Lua code. */
export interface JitPlace {
  file: string;
  /** 0: not known. */
  line: number;
  /** Number that opens its source; -1: there is none. */
  chunk: number;
}

export interface JitAbort extends JitPlace {
  reason: string;
  /** Says what that means, and what can be done; '': nobody has written that down. */
  meaning: string;
  count: number;
}

export interface JitBlacklisted extends JitPlace {
  /** "function", "loop" */
  kind: string;
}

export interface JitMessage {
  type: 'jit';
  vms: JitVm[];
  /** Most frequent first. */
  aborts: JitAbort[];
  blacklisted: JitBlacklisted[];
  /** Aborts and blacklisted places that are not among them. */
  left: number;
  on: boolean;
  /** Why nothing is known, and what would change that; '' where something is. */
  missing: string;
}
