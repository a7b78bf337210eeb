/** The heap snapshots of one worker, and which of them are looked at. */
import type { HeapSnapshot } from '../../capture/heap-snapshot';
import type { KeptSnapshot } from './message';

/** More than anybody compares; a report of a large heap is some megabytes. */
const MOST_KEPT = 12;

export class WorkerSnapshots {
  /** Oldest first. */
  private readonly kept: KeptSnapshot[] = [];
  private shownId = 0;
  private comparedId: number | null = null;
  private lastId = 0;

  get all(): readonly KeptSnapshot[] {
    return this.kept;
  }

  /** Undefined before there is one. */
  get shown(): KeptSnapshot | undefined {
    return this.find(this.shownId);
  }

  get compared(): KeptSnapshot | undefined {
    return this.find(this.comparedId);
  }

  /** What came before the shown one. */
  get previous(): KeptSnapshot | undefined {
    return this.kept.findLast(({ id }) => id < this.shownId);
  }

  /** Shows it, beside the one that was shown so far where that is wanted. */
  add(snapshot: HeapSnapshot, compare: boolean, takenAt = Date.now()): void {
    const id = ++this.lastId;
    this.kept.push({ ...snapshot, id, takenAt });
    const before = this.shown?.id ?? null;
    this.shownId = id;
    this.comparedId = compare ? before : null;
    if (this.kept.length <= MOST_KEPT) return;
    const spare = this.kept.findIndex((each) => each.id !== id && each.id !== this.comparedId);
    this.kept.splice(spare, 1);
  }

  /** The older of two is always the one that is compared with. */
  choose(shown: number, compared: number | null): void {
    if (this.find(shown) === undefined) return;
    const other = compared === shown ? undefined : this.find(compared);
    this.shownId = Math.max(shown, other?.id ?? 0);
    this.comparedId = other === undefined ? null : Math.min(shown, other.id);
  }

  private find(id: number | null): KeptSnapshot | undefined {
    return this.kept.find((each) => each.id === id);
  }
}
