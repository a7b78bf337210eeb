/** Keys of the page of heap snapshots besides the graph's. */
import type { Key } from '../graph/keys';

export const heapKeys = {
  both: { key: 't', help: 'tables above the flame graph, or the flame graph alone' },
  compare: { key: 'c', help: 'take another snapshot and compare it with this one' },
} as const satisfies Record<string, Key>;

export type HeapKey = keyof typeof heapKeys;
