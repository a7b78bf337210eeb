/**
 * Workers share one root, however each was born. The outermost frames of a worker are those of its
 * master when it forked: one more for a worker of the start or of a reload than for one in the place
 * of another that died. They say nothing of what the worker does, and would set the same code twice
 * side by side. All stand on the frames of the first that was seen.
 */
import type { Frame, FunctionInfo } from './frames';

/** nginx forks each of its processes here, a few calls below where its master waits. */
const FORK = 'ngx_spawn_process';
const MASTER = 'ngx_master_process_cycle';
const BETWEEN = 4;

/** The known stacks, those that are added now included; ids are 1-based. */
export interface KnownStacks {
  parentOf(stack: number): number;
  frameOf(stack: number): Frame | undefined;
  infoOf(fn: number): FunctionInfo | undefined;
}

export class SharedRoots {
  /** By function, since servers have one each: the stack that its frames stand on. */
  private readonly shared = new Map<number, number>();

  /** The parent that a new stack is to have. */
  parentFor(stack: number, known: KnownStacks): number {
    const parent = known.parentOf(stack);
    const fn = known.frameOf(stack)?.function ?? 0;
    if (known.infoOf(fn)?.name !== FORK || !this.isMaster(parent, known)) return parent;
    const shared = this.shared.get(fn) ?? parent;
    this.shared.set(fn, shared);
    return shared;
  }

  /** A stack that was cut says nothing of a birth. */
  private isMaster(stack: number, known: KnownStacks): boolean {
    for (let up = 0; up < BETWEEN && stack !== 0; up++, stack = known.parentOf(stack)) {
      const fn = known.frameOf(stack)?.function ?? 0;
      if (known.infoOf(fn)?.name === MASTER) return true;
    }
    return false;
  }
}
