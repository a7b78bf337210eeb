/** A part of a profile's samples, and tables that are left with it alone. */
import type { GroupTable, Query, StackTable } from './engine';

/** Says what is of the part. */
export interface Part {
  /** By labels and requests. */
  narrow(query: Query): Query;
  /** By stack; the answer holds for all stacks that the store has now. */
  holds(): (stack: number) => boolean;
}

export function heldStacks(table: StackTable, holds: (stack: number) => boolean): StackTable {
  const rows = heldRows(table, holds);
  return { stacks: pick(table.stacks, rows), ...sums(table, rows) };
}

export function heldGroups(table: GroupTable, holds: (stack: number) => boolean): GroupTable {
  const rows = heldRows(table, holds);
  return {
    stacks: pick(table.stacks, rows),
    labelGroups: pick(table.labelGroups, rows),
    requestGroups: pick(table.requestGroups, rows),
    ...sums(table, rows),
  };
}

function heldRows({ stacks }: StackTable, holds: (stack: number) => boolean): number[] {
  return Array.from(stacks.keys()).filter((row) => holds(stacks[row]!));
}

function pick(column: Uint32Array, rows: readonly number[]): Uint32Array {
  return Uint32Array.from(rows, (row) => column[row]!);
}

function sums(table: StackTable, rows: readonly number[]): Omit<StackTable, 'stacks'> {
  const weights = Float64Array.from(rows, (row) => table.weights[row]!);
  const counts = Float64Array.from(rows, (row) => table.counts[row]!);
  return { weights, counts, weight: sumOf(weights), samples: sumOf(counts) };
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
