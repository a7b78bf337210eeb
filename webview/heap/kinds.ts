/** Kinds of frames of heap snapshots: what they are, or whether they have grown. */
import type { Kinds } from '../graph/kinds';
import { HEAP_KINDS, type HeapKindName } from '../../extension/page/heap';

const words: Record<HeapKindName, { label: string; marker: string; hue: string }> = {
  plugin: { label: 'Plugin', marker: '', hue: '#e69f00' },
  core: { label: 'Core of the gateway', marker: '', hue: '#cc79a7' },
  other: { label: 'Other owner', marker: '', hue: '#9fc7a8' },
  module: { label: 'Module', marker: '(module)', hue: '#f0e442' },
  table: { label: 'Table', marker: '', hue: '#56b4e9' },
  string: { label: 'String', marker: '', hue: '#009e73' },
  function: { label: 'Function', marker: '', hue: '#d55e00' },
  cdata: { label: 'cdata', marker: '', hue: '#8d84d8' },
  userdata: { label: 'userdata', marker: '', hue: '#0072b2' },
  coroutine: { label: 'Coroutine', marker: '', hue: '#b86b4b' },
  code: { label: 'VM and bytecode', marker: '', hue: '#bdbdbd' },
  small: { label: 'Small objects together', marker: '', hue: '#9c9c9c' },
};

export const heapKinds: Kinds = {
  all: HEAP_KINDS.map((name) => ({ ...words[name], hatched: name === 'small' })),
  order: [1, 2, 0, 3, 4, 5, 6, 7, 8, 9, 10, 11],
};

const Growth = { new: 0, doubled: 1, grown: 2, same: 3, shrunk: 4 } as const;

export const growthKinds: Kinds = {
  all: [
    { label: 'New', marker: '(new)', hue: '#cc79a7' },
    { label: 'Doubled or more', marker: '(2x)', hue: '#d55e00' },
    { label: 'Has grown', marker: '(+)', hue: '#e69f00' },
    { label: 'As before', marker: '', hue: '#bdbdbd' },
    { label: 'Has shrunk', marker: '(\u2212)', hue: '#56b4e9' },
  ],
  order: [0, 1, 2, 3, 4],
};

/** Less comes and goes with every request. */
const LEAST_PART = 0.005;
const LEAST_BYTES = 256;

export function growthKind(before: number, now: number): number {
  const growth = now - before;
  if (Math.abs(growth) < Math.max(LEAST_BYTES, LEAST_PART * before)) return Growth.same;
  if (growth < 0) return Growth.shrunk;
  if (before === 0) return Growth.new;
  return growth >= before ? Growth.doubled : Growth.grown;
}
