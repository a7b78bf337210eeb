/** The objects of a worker's Lua VMs and how they lead to each other. */

export const ObjectType = {
  vm: 1,
  string: 4,
  upvalue: 5,
  thread: 6,
  proto: 7,
  function: 8,
  trace: 9,
  cdata: 10,
  table: 11,
  userdata: 12,
} as const;

export const typeNames: Readonly<Record<number, string>> = {
  1: 'VM',
  4: 'string',
  5: 'upvalue',
  6: 'coroutine',
  7: 'prototype',
  8: 'function',
  9: 'compiled trace',
  10: 'cdata',
  11: 'table',
  12: 'userdata',
};

/** The meaning of an edge; above 0 it is a table's value, and the number that of its key. */
export const Edge = {
  array: -1,
  hash: -2,
  metatable: -3,
  env: -4,
  proto: -5,
  constant: -6,
  stack: -7,
  upvalue: -8,
  chunkName: -9,
  trace: -10,
  traceConstant: -11,
  /** Of a coroutine: a function whose frame it has, or that it begins with; the root's first. */
  frame: -12,
  /** Of a string buffer: the string that it shows, its dictionaries. */
  content: -13,
  /** Less the index of the upvalue. */
  firstUpvalue: -100,
  /** Less the kind of root: see {@link Root}. */
  root: -1000,
} as const;

export const Root = {
  mainThread: 1,
  registry: 2,
  globals: 3,
  metatables: 4,
  ffi: 5,
  toFinalize: 6,
} as const;

export interface Prototype {
  readonly id: number;
  readonly chunkName: number;
  readonly firstLine: number;
  readonly lines: number;
  readonly upvalueNames: readonly string[];
}

export interface VmInfo {
  readonly id: number;
  readonly total: number;
  readonly threshold: number;
  readonly phase: number;
}

export interface CType {
  readonly info: number;
  readonly size: number;
  readonly name: string;
}

export interface Amount {
  readonly count: number;
  readonly bytes: number;
}

/** Arrays are by object number, from 1 on. */
export interface HeapGraph {
  readonly count: number;
  readonly edgeCount: number;
  readonly types: Uint8Array;
  readonly sizes: Uint32Array;
  /** Table: bytes of empty slots. Cdata: C type, and 2^31 for a finalizer. Function: 0 is Lua. */
  readonly details: Uint32Array;
  /** Index of an object's first edge; that of the next object ends them. */
  readonly firstEdge: Uint32Array;
  readonly targets: Uint32Array;
  readonly labels: Int32Array;
  /** Who led to it first, on a shortest way from a VM, and by which edge. 0: a VM. */
  readonly parents: Uint32Array;
  readonly parentLabels: Int32Array;
  readonly texts: ReadonlyMap<number, string>;
  readonly prototypes: ReadonlyMap<number, Prototype>;
  readonly vms: readonly VmInfo[];
  /** Objects that nothing leads to, by type. */
  readonly unreached: ReadonlyMap<number, Amount>;
  readonly ctypes: readonly CType[];
  readonly tableSlots: {
    readonly array: number;
    readonly arrayUsed: number;
    readonly hash: number;
    readonly hashUsed: number;
  };
}
