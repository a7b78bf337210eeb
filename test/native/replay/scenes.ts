/**
 * The scenes that are recorded: each way in which a thread can stand in a Lua VM, on the programs
 * that CI has.
 */
import type { Load, Mode } from '../../truth/loads';

export interface Scene {
  /** Of the recording's file. */
  readonly name: string;
  readonly load: Load;
  /** Only samples in this state of the VM, which is rare. */
  readonly state?: string;
}

/** Burners of test/truth, each alone, so that a recording shows one thing. */
const everywhere: Readonly<Record<Mode, readonly string[]>> = {
  interpreter: [
    'spin',
    'calls',
    'errors',
    'coroutines',
    'deep',
    'varargs',
    'tail',
    'metamethods',
    'callbacks',
    'tables',
    'ffi_calls',
    'long_c',
  ],
  compiled: ['guards', 'branches', 'coroutines', 'tables', 'strings', 'ffi_calls', 'callbacks'],
};

const inNginx: Readonly<Record<Mode, readonly string[]>> = {
  interpreter: ['coroutines', 'threads', 'timers', 'calls', 'errors', 'regexes', 'json', 'digest'],
  compiled: ['coroutines', 'threads', 'guards', 'regexes'],
};

const TARGETS = ['luajit', 'luajit2', 'nginx'] as const;

const RARE: readonly Scene[] = TARGETS.map((target) => ({
  name: `${target}-compiled-exits`,
  load: { target, mode: 'compiled', weights: { tables: 1 } },
  state: 'exit',
}));

const COMMON: readonly Scene[] = TARGETS.flatMap((target) =>
  (['interpreter', 'compiled'] as const).flatMap((mode) =>
    (target === 'nginx' ? inNginx : everywhere)[mode].map((burner) => ({
      name: `${target}-${mode}-${burner}`,
      load: { target, mode, weights: { [burner]: 1 } },
    })),
  ),
);

export const SCENES: readonly Scene[] = [...COMMON, ...RARE];
