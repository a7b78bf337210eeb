/** The heap snapshots of one worker, and which of them are looked at. */
import type { HeapSnapshot } from '../../capture/heap-snapshot';
import type { KeptSnapshot } from './message';

/** More than anybody compares; a report of a large heap is some megabytes. */
const MOST_KEPT = 12;

export class WorkerSnapshots {
  /** Oldest first: those of a recording are opened in any order. */
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

  /** The snapshot before the shown one. */
  get previous(): KeptSnapshot | undefined {
    return this.kept[this.kept.findIndex(({ id }) => id === this.shownId) - 1];
  }

  /** Shows it, beside the one that was shown so far where that is wanted. */
  add(snapshot: HeapSnapshot, compare: boolean, takenAt = Date.now()): void {
    const before = compare ? this.shownId : null;
    const known = this.kept.find((each) => each.takenAt === takenAt);
    const added = known ?? { ...snapshot, id: ++this.lastId, takenAt };
    if (known === undefined) this.kept.push(added);
    this.kept.sort((one, other) => one.takenAt - other.takenAt || one.id - other.id);
    this.choose(added.id, before);
    if (this.kept.length <= MOST_KEPT) return;
    const looked = [this.shownId, this.comparedId];
    this.kept.splice(
      this.kept.findIndex(({ id }) => !looked.includes(id)),
      1,
    );
  }

  /** The older of two is always the one that is compared with. */
  choose(shown: number, compared: number | null): void {
    const pair = this.kept.filter(({ id }) => id === shown || id === compared);
    if (this.find(shown) === undefined) return;
    this.shownId = pair[pair.length - 1]!.id;
    this.comparedId = pair.length > 1 ? pair[0]!.id : null;
  }

  private find(id: number | null): KeptSnapshot | undefined {
    return this.kept.find((each) => each.id === id);
  }
}
