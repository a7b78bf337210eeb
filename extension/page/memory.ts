/** The topic `memory`: the memory of the workers. */
import type { SharedZones } from '../profile/memory';
import type { MemoryPoint } from '../profile/memory-history';

/** The memory of the workers: what is new of it, or, where it is whole, all that is known. */
export interface MemoryMessage {
  type: 'memory';
  whole: boolean;
  /** In the order of time, of each worker. */
  points: MemoryPoint[];
  /** As it was last told; names are shortened, and have no control characters. */
  zones: SharedZones | null;
}
