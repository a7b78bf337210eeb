import type { StackTable } from './engine';
import type { StackSums } from './sample-log';

/** Leaves out the stacks that no sample has. */
export function buildStackTable(sums: StackSums): StackTable {
  const stacks: number[] = [];
  for (let stack = 0; stack < sums.seen.length; stack++) if (sums.seen[stack]) stacks.push(stack);
  return {
    stacks: Uint32Array.from(stacks),
    weights: Float64Array.from(stacks, (stack) => sums.self[stack]!),
    counts: Float64Array.from(stacks, (stack) => sums.counts[stack]!),
    weight: sums.weight,
    samples: sums.samples,
  };
}
