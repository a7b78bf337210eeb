/** The log of what a capture has heard of the memory of its workers. */
import type { Health } from '../probe/session';
import type { SharedZones } from '../profile/memory';
import { MemoryHistory } from '../profile/memory-history';
import type { ProfileStore } from '../profile/store';

export class MemoryLog {
  readonly history = new MemoryHistory();
  /** The memory that the workers share, as it was last told. */
  zones: SharedZones | undefined;

  /**
   * It came with a batch, whose time is that of the host: a recording tells of times gone by.
   * @param store that has the batch.
   */
  heed({ memory, zones }: Health, store: ProfileStore): void {
    this.zones = zones ?? this.zones;
    const atMs = (store.startUnixMs ?? 0) + store.timeUs / 1000;
    for (const worker of memory) this.history.add({ ...worker, atMs });
  }
}
