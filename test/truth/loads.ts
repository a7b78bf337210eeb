/** Which burners run where, and for which part of the CPU time (in percent). */

export type Mode = 'interpreter' | 'compiled';

export interface Load {
  readonly target: 'luajit2' | 'luajit' | 'nginx';
  readonly mode: Mode;
  readonly weights: Readonly<Record<string, number>>;
}

const alone = {
  interpreter: {
    spin: 10,
    lines: 10,
    calls: 10,
    errors: 8,
    coroutines: 8,
    deep: 8,
    varargs: 6,
    tail: 6,
    metamethods: 6,
    callbacks: 6,
    strings: 5,
    tables: 5,
    ffi_calls: 4,
    cdata: 4,
    long_c: 4,
  },
  compiled: {
    guards: 12,
    branches: 12,
    spin: 10,
    tables: 10,
    deep: 8,
    coroutines: 8,
    errors: 7,
    strings: 6,
    ffi_calls: 6,
    calls: 6,
    varargs: 5,
    metamethods: 5,
    callbacks: 5,
  },
} as const;

const inNginx = {
  interpreter: {
    coroutines: 16,
    threads: 14,
    timers: 12,
    spin: 12,
    errors: 8,
    calls: 8,
    deep: 6,
    regexes: 8,
    json: 8,
    digest: 8,
  },
  compiled: {
    coroutines: 14,
    threads: 12,
    timers: 10,
    guards: 10,
    branches: 10,
    tables: 8,
    deep: 6,
    ffi_calls: 6,
    regexes: 8,
    json: 8,
    digest: 8,
  },
} as const;

const MODES: readonly Mode[] = ['interpreter', 'compiled'];

export const LOADS: readonly Load[] = MODES.flatMap((mode) => [
  { target: 'nginx', mode, weights: inNginx[mode] },
  { target: 'luajit2', mode, weights: alone[mode] },
  { target: 'luajit', mode, weights: alone[mode] },
]);
