/** Which heap snapshot of a recording is meant. */
import { plain } from '../../common/plain';
import { choose } from '../../ui/questions';
import type { Recorded } from '../../probe/session';
import { minuteText } from '../text';

export interface HeapChoice {
  readonly pid: number;
  /** Its place among those of a recording; undefined: it is to be taken. */
  readonly recorded?: number | undefined;
  /** Unix milliseconds, of one of a recording. */
  readonly takenUnixMs?: number | undefined;
}

/**
 * The only one, or the one that is chosen.
 * @param pid only those of this worker; undefined: all.
 */
export async function pickRecordedHeap(
  { heaps }: Recorded,
  pid: number | undefined,
): Promise<HeapChoice | undefined> {
  const items = heaps
    .map((heap, recorded) => ({
      label: plain`worker ${heap.pid}`,
      description: plain`snapshot ${recorded + 1}, ${minuteText(heap.takenUnixMs)}`,
      value: { pid: heap.pid, recorded, takenUnixMs: heap.takenUnixMs },
    }))
    .filter(({ value }) => pid === undefined || value.pid === pid);
  if (items.length === 0) throw new Error('There is no heap snapshot in this recording.');
  if (items.length === 1) return items[0]?.value;
  return choose(items, { title: plain`Heap Snapshot: of this recording` });
}
