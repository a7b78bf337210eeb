/**
 * Which references hold an object. An object that a request has on its stack, or ngx_lua keeps for
 * it in the registry, is somebody's cache as often as not: these hold it only where nothing else
 * leads to it. The same goes for compiled code, which keeps what it was compiled with.
 */
import { Edge, type HeapGraph, Root } from './graph';
import type { Holders } from './holders';
import { follow } from './modules';

const LAST_LEVEL = 3;
/** Nothing leads there but what is left out. */
const UNKNOWN_LEVEL = LAST_LEVEL + 1;

export class Levels {
  /** By object: the lowest kind of reference that it can be come to by. */
  private readonly levels: Uint8Array;
  private readonly registries: ReadonlySet<number>;
  private readonly stack: number[] = [];

  constructor(
    private readonly graph: HeapGraph,
    private readonly holders: Holders,
  ) {
    this.levels = new Uint8Array(graph.count + 1);
    this.registries = new Set(
      graph.vms.map(({ id }) => follow(graph, id, (label) => label === Edge.root - Root.registry)),
    );
    for (let id = 1; id <= graph.count; id++) if (holders.attached[id] !== 0) this.levels[id] = 1;
    for (let level = 1; level <= LAST_LEVEL; level++) this.spreadAll(level);
  }

  /** Does the edge with this index, from `from` on, hold what it leads to? */
  holds(from: number, edge: number): boolean {
    const target = this.graph.targets[edge]!;
    if (this.holders.attached[target] !== 0) return false;
    return Math.max(this.kind(from, edge), this.levels[from]!) <= this.levels[target]!;
  }

  /** Gives what nothing is known to lead to one by one to `take`, until all is held. */
  forTheRest(take: (id: number) => void): void {
    for (let id = 1; id <= this.graph.count; id++) {
      if (this.levels[id] !== 0) continue;
      take(id);
      this.levels[id] = UNKNOWN_LEVEL;
      this.stack.push(id);
      this.spread(UNKNOWN_LEVEL);
    }
  }

  private kind(from: number, edge: number): number {
    const label = this.graph.labels[edge]!;
    if (label === Edge.traceConstant) return 3;
    if (label === Edge.stack || label === Edge.frame) return 2;
    const unnamed = label === Edge.hash || label === Edge.array;
    return unnamed && this.registries.has(from) ? 2 : 1;
  }

  private spreadAll(level: number): void {
    for (let id = 1; id <= this.graph.count; id++) {
      if (this.levels[id] === 0) continue;
      this.stack.push(id);
      this.spread(level);
    }
  }

  private spread(level: number): void {
    const { graph, levels, stack } = this;
    for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
      for (let edge = graph.firstEdge[id]!; edge < graph.firstEdge[id + 1]!; edge++) {
        const target = graph.targets[edge]!;
        if (levels[target] !== 0 || this.kind(id, edge) > level) continue;
        levels[target] = level;
        stack.push(target);
      }
    }
  }
}
