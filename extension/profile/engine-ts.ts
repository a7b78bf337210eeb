import { buildCallTree } from './call-tree';
import type {
  CallTree,
  FunctionTable,
  GroupTable,
  ProfileEngine,
  Query,
  StackTable,
  Weights,
} from './engine';
import { buildFunctionTable } from './function-table';
import { buildGroupTable } from './group-table';
import { SampleLog } from './sample-log';
import { defaultMeasure } from './series';
import { buildStackTable } from './stack-table';
import { StackTrie } from './stack-trie';

/**
 * The engine in TypeScript, for platforms without a build of native/addon; it works in the caller's
 * thread.
 */
export class TypeScriptEngine implements ProfileEngine {
  private readonly trie = new StackTrie();
  private readonly logs = new Map<string, SampleLog>();

  addFrames(functions: Uint32Array, kinds: Uint8Array, lines: Uint32Array, flags: Uint8Array) {
    this.trie.addFrames(functions, kinds, lines, flags);
  }

  addStacks(parents: Uint32Array, frames: Uint32Array): void {
    this.trie.addStacks(parents, frames);
  }

  append(
    series: string,
    timeUs: number,
    stacks: Uint32Array,
    pids: Uint32Array,
    counts: Uint32Array,
    weights: Weights,
    labels?: Uint32Array,
    requests?: Uint32Array,
  ): void {
    const rows = { stacks, pids, counts, labels, requests };
    const log = this.logs.get(series) ?? new SampleLog();
    log.append(timeUs, rows, weights, this.trie.stacks);
    this.logs.set(series, log);
  }

  // Async without await: what goes wrong is a rejection, as it is with the engine of the addon.
  async callTree(query: Query, ranks: Uint32Array): Promise<CallTree> {
    const sums = this.logOf(query).sum(query, this.trie.stacks);
    return buildCallTree(this.trie, sums, query.hiddenKinds ?? 0, ranks);
  }

  async functionTable(query: Query): Promise<FunctionTable> {
    const sums = this.logOf(query).sum(query, this.trie.stacks);
    return buildFunctionTable(this.trie, sums, query.hiddenKinds ?? 0);
  }

  async stackTable(query: Query): Promise<StackTable> {
    return buildStackTable(this.logOf(query).sum(query, this.trie.stacks));
  }

  async groupTable(
    query: Query,
    labelGroups: Uint32Array,
    requestGroups: Uint32Array,
  ): Promise<GroupTable> {
    return buildGroupTable(this.logOf(query), query, labelGroups, requestGroups);
  }

  clear(): void {
    for (const log of this.logs.values()) log.clear();
  }

  private logOf({ measure = defaultMeasure }: Query): SampleLog {
    return this.logs.get(measure) ?? new SampleLog();
  }
}
