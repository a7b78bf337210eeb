import type { StackSums } from './sample-log';
import type { StackTrie } from './stack-trie';

/**
 * Weight of each stack with all that was called from it, by stack id. Marks in `sums.seen` the
 * ancestors of what was sampled. A parent has the lower id, so one pass from the end does it,
 * whatever the depth.
 */
export function totalsOf(trie: StackTrie, sums: StackSums): Float64Array {
  const totals = Float64Array.from(sums.self);
  const parents = trie.stackParents.data;
  for (let stack = trie.stacks; stack > 0; stack--) {
    if (sums.seen[stack] === 0) continue;
    const parent = parents[stack]!;
    totals[parent]! += totals[stack]!;
    sums.seen[parent] = 1;
  }
  return totals;
}
