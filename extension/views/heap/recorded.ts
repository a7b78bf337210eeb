/** Which heap snapshot of a recording is meant. */
import * as vscode from 'vscode';
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
      label: `worker ${heap.pid}`,
      description: `snapshot ${recorded + 1}, ${minuteText(heap.takenUnixMs)}`,
      pid: heap.pid,
      recorded,
      takenUnixMs: heap.takenUnixMs,
    }))
    .filter((item) => pid === undefined || item.pid === pid);
  if (items.length === 0) throw new Error('There is no heap snapshot in this recording.');
  if (items.length === 1) return items[0];
  return vscode.window.showQuickPick(items, { title: 'Heap Snapshot: of this recording' });
}
