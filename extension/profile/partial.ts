/**
 * A part of a profile in the same terms as the whole. Shares stay shares of all samples: leaving
 * others out must not make anything look dearer than it is.
 */
import type { CallTree, FunctionTable, Query } from './engine';
import type { ProfileSnapshot } from './formats/snapshot';
import type { Part } from './part';
import { type ProfileStore, type ProfileView, sinceStart } from './store';

export class PartialProfile implements ProfileView {
  constructor(
    private readonly store: ProfileStore,
    private readonly part: Part,
  ) {}

  async callTree(query: Query = sinceStart): Promise<CallTree> {
    const part = await this.part.narrow(query);
    const [all, tree] = await Promise.all([
      this.store.stackTable(query),
      this.store.callTree(part),
    ]);
    return { ...tree, whole: all.weight, wholeSamples: all.samples };
  }

  /** Its weight is that of all samples of the query, of the part or not. */
  async functionTable(query: Query = sinceStart): Promise<FunctionTable> {
    const part = await this.part.narrow(query);
    const [{ weight }, table] = await Promise.all([
      this.store.stackTable(query),
      this.store.functionTable(part),
    ]);
    return { ...table, weight };
  }

  async snapshot(query: Query = sinceStart): Promise<ProfileSnapshot> {
    return this.store.snapshot(await this.part.narrow(query));
  }
}
