import type { FunctionTable } from './engine';
import type { StackSums } from './sample-log';
import { totalsOf } from './stack-totals';
import { StackTrie } from './stack-trie';

/** Weights by function id and by location id, with a mark for those that took part. */
interface Tally {
  readonly self: Float64Array;
  readonly total: Float64Array;
  readonly seen: Uint8Array;
  /** How often it stands on the path from the root to where the walk is. */
  readonly onPath: Uint32Array;
}

/**
 * Adds up each function and each of its lines, once per sample however often a stack repeats it.
 */
export function buildFunctionTable(
  trie: StackTrie,
  sums: StackSums,
  hiddenKinds: number,
): FunctionTable {
  const totals = totalsOf(trie, sums);
  const functions = newTally(trie.highestFunction + 1);
  const locations = newTally(trie.locationCount + 1);
  addSelf(trie, sums, hiddenKinds, functions, locations);
  addTotals(trie, sums, totals, hiddenKinds, functions, locations);
  return tabulate(trie, sums, functions, locations);
}

function newTally(length: number): Tally {
  return {
    self: new Float64Array(length),
    total: new Float64Array(length),
    seen: new Uint8Array(length),
    onPath: new Uint32Array(length),
  };
}

function addSelf(trie: StackTrie, sums: StackSums, hidden: number, fns: Tally, locs: Tally) {
  const frames = trie.stackFrames.data;
  const parents = trie.stackParents.data;
  /** Frame of the nearest stack that is shown, from this one down to the root; 0: none. */
  const shown = new Uint32Array(trie.stacks + 1);
  for (let stack = 1; stack <= trie.stacks; stack++) {
    if (sums.seen[stack] === 0) continue;
    let frame = frames[stack]!;
    if ((hidden >>> trie.frameKinds.data[frame]!) & 1) frame = shown[parents[stack]!]!;
    shown[stack] = frame;
    fns.self[trie.frameFunctions.data[frame]!]! += sums.self[stack]!;
    locs.self[trie.frameLocations.data[frame]!]! += sums.self[stack]!;
  }
}

/** Walks the sampled part of the trie without recursion: a hostile stack may be any number deep. */
function addTotals(
  trie: StackTrie,
  sums: StackSums,
  totals: Float64Array,
  hidden: number,
  fns: Tally,
  locs: Tally,
): void {
  const parents = trie.stackParents.data;
  const { firstChild, nextSibling } = childLists(trie, sums);
  const step = (stack: number, enter: boolean) => {
    const frame = trie.stackFrames.data[stack]!;
    if ((hidden >>> trie.frameKinds.data[frame]!) & 1) return;
    const fn = trie.frameFunctions.data[frame]!;
    const location = trie.frameLocations.data[frame]!;
    if (!enter) {
      fns.onPath[fn]!--;
      locs.onPath[location]!--;
      return;
    }
    fns.seen[fn] = 1;
    locs.seen[location] = 1;
    if (fns.onPath[fn]!++ === 0) fns.total[fn]! += totals[stack]!;
    if (locs.onPath[location]!++ === 0) locs.total[location]! += totals[stack]!;
  };
  let stack = firstChild[0]!;
  while (stack !== 0) {
    step(stack, true);
    let next = firstChild[stack]!;
    while (next === 0 && stack !== 0) {
      step(stack, false);
      next = nextSibling[stack]!;
      stack = parents[stack]!;
    }
    stack = next;
  }
}

function childLists(trie: StackTrie, sums: StackSums) {
  const firstChild = new Uint32Array(trie.stacks + 1);
  const nextSibling = new Uint32Array(trie.stacks + 1);
  for (let stack = trie.stacks; stack > 0; stack--) {
    if (sums.seen[stack] === 0) continue;
    const parent = trie.stackParents.data[stack]!;
    nextSibling[stack] = firstChild[parent]!;
    firstChild[parent] = stack;
  }
  return { firstChild, nextSibling };
}

function tabulate(trie: StackTrie, sums: StackSums, fns: Tally, locs: Tally): FunctionTable {
  const functions: number[] = [];
  for (let id = 1; id < fns.seen.length; id++) if (fns.seen[id]) functions.push(id);
  const keys: number[] = [];
  for (let frame = 1; frame <= trie.frames; frame++) {
    const location = trie.frameLocations.data[frame]!;
    const line = trie.frameLines.data[frame]!;
    if (line === 0 || locs.seen[location] !== 1) continue;
    locs.seen[location] = 2;
    keys.push(StackTrie.locationKey(trie.frameFunctions.data[frame]!, line));
  }
  const sorted = Float64Array.from(keys).sort();
  const rows = functions.length;
  const lineStarts = new Uint32Array(rows + 1);
  const lines = new Uint32Array(sorted.length);
  const lineSelf = new Float64Array(sorted.length);
  const lineTotal = new Float64Array(sorted.length);
  let entry = 0;
  for (let row = 0; row < rows; row++) {
    const past = StackTrie.locationKey(functions[row]! + 1, 0);
    for (; entry < sorted.length && sorted[entry]! < past; entry++) {
      const location = trie.locationOf(sorted[entry]!);
      lines[entry] = sorted[entry]! % 2 ** 32;
      lineSelf[entry] = locs.self[location]!;
      lineTotal[entry] = locs.total[location]!;
    }
    lineStarts[row + 1] = entry;
  }
  return {
    functions: Uint32Array.from(functions),
    self: Float64Array.from(functions, (id) => fns.self[id]!),
    total: Float64Array.from(functions, (id) => fns.total[id]!),
    lineStarts,
    lines,
    lineSelf,
    lineTotal,
    weight: sums.weight,
    samples: sums.samples,
  };
}
