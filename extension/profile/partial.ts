/**
 * A part of a profile in the same terms as the whole. Shares stay shares of all samples: leaving
 * others out must not make anything look dearer than it is.
 */
import { buildCallTree } from './call-tree';
import type { CallTree, FunctionTable, Query, StackTable } from './engine';
import type { ProfileSnapshot } from './formats/snapshot';
import { buildFunctionTable } from './function-table';
import { heldStacks, type Part } from './part';
import type { StackSums } from './sample-log';
import { StackTrie } from './stack-trie';
import { type ProfileStore, type ProfileView, sinceStart } from './store';

/** Works in the caller's thread, and holds the stacks a second time: made when it is wanted. */
export class PartialProfile implements ProfileView {
  private readonly trie = new StackTrie();

  constructor(
    private readonly store: ProfileStore,
    private readonly part: Part,
  ) {}

  async callTree(query: Query = sinceStart): Promise<CallTree> {
    const { weight: whole, samples: wholeSamples } = await this.store.stackTable(query);
    const sums = await this.sums(query);
    const ranks = this.store.nameRanks();
    const tree = buildCallTree(this.trie, sums, query.hiddenKinds ?? 0, ranks);
    return { ...tree, whole, wholeSamples };
  }

  /** Its weight is that of all samples of the query, of the part or not. */
  async functionTable(query: Query = sinceStart): Promise<FunctionTable> {
    const { weight } = await this.store.stackTable(query);
    const table = buildFunctionTable(this.trie, await this.sums(query), query.hiddenKinds ?? 0);
    return { ...table, weight };
  }

  async snapshot(query: Query = sinceStart): Promise<ProfileSnapshot> {
    return this.store.snapshot(query, this.part);
  }

  private async stackTable(query: Query): Promise<StackTable> {
    const all = await this.store.stackTable(this.part.narrow(query));
    return heldStacks(all, this.part.holds());
  }

  private async sums(query: Query): Promise<StackSums> {
    const table = await this.stackTable(query);
    this.follow();
    const self = new Float64Array(this.trie.stacks + 1);
    const counts = new Float64Array(this.trie.stacks + 1);
    const seen = new Uint8Array(this.trie.stacks + 1);
    table.stacks.forEach((stack, row) => {
      self[stack] = table.weights[row]!;
      counts[stack] = table.counts[row]!;
      seen[stack] = 1;
    });
    return { self, counts, seen, weight: table.weight, samples: table.samples };
  }

  /** Takes in the frames and stacks that are new. */
  private follow(): void {
    const { frames, stacks } = this.store;
    const added = frames.slice(this.trie.frames);
    this.trie.addFrames(
      Uint32Array.from(added, (frame) => frame.function),
      Uint8Array.from(added, (frame) => frame.kind),
      Uint32Array.from(added, (frame) => frame.line),
      Uint8Array.from(added, (frame) => frame.flags),
    );
    const from = this.trie.stacks;
    this.trie.addStacks(
      stacks.parents.slice(from, stacks.count),
      stacks.frames.slice(from, stacks.count),
    );
  }
}
