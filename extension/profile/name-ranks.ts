import { giveTurn } from '../common/turns';
import type { FunctionInfo } from './frames';

/** Functions that are sorted between two looks at the clock. */
const AT_ONCE = 1000;

/**
 * The place of each function in alphabetical order, which keeps frames of a live flame graph where
 * they are. Computed when asked for after the functions have grown: only the new ones are sorted,
 * then merged.
 */
export class NameRanks {
  private order: number[] = [];
  private ranks = new Uint32Array(1);

  /** Sorts most of what is new, so that {@link of} need not do it all at once. */
  async advance(functions: readonly FunctionInfo[]): Promise<void> {
    while (functions.length - this.order.length >= AT_ONCE) {
      this.sort(functions, this.order.length + AT_ONCE);
      await giveTurn();
    }
  }

  /**
   * @param functions by id minus 1; only ever grows.
   * @returns rank by function id; index 0 is unused. Not to be written to.
   */
  of(functions: readonly FunctionInfo[]): Uint32Array {
    if (functions.length > this.order.length) this.sort(functions, functions.length);
    if (this.ranks.length > this.order.length) return this.ranks;
    this.ranks = new Uint32Array(functions.length + 1);
    this.order.forEach((id, rank) => (this.ranks[id] = rank));
    return this.ranks;
  }

  /** Takes in those up to this number. */
  private sort(functions: readonly FunctionInfo[], end: number): void {
    const known = this.order.length;
    const compare = (a: number, b: number) => compareInfo(functions[a - 1]!, functions[b - 1]!);
    const added = Array.from({ length: end - known }, (_, i) => known + i + 1);
    added.sort((a, b) => compare(a, b) || a - b);
    this.order = merge(this.order, added, compare);
  }
}

function merge(left: number[], right: number[], compare: (a: number, b: number) => number) {
  const merged: number[] = [];
  let l = 0;
  let r = 0;
  while (l < left.length && r < right.length)
    merged.push(compare(left[l]!, right[r]!) <= 0 ? left[l++]! : right[r++]!);
  while (l < left.length) merged.push(left[l++]!);
  while (r < right.length) merged.push(right[r++]!);
  return merged;
}

/** By code units, not by locale: the same on every machine, and many times as fast. */
function compareInfo(a: FunctionInfo, b: FunctionInfo): number {
  return compareText(a.name, b.name) || compareText(a.file, b.file) || a.line - b.line;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
