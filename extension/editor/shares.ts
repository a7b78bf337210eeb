/** Cost of functions and lines of one file, from the table of all functions. Shares are of 1. */
import type { CallTree, FunctionTable } from '../profile/engine';
import type { FunctionInfo } from '../profile/frames';

/**
 * A place in the code where functions are defined: what takes part at it is counted once per
 * sample.
 */
export interface FunctionShare {
  /** Line of the chunk; 0: the main chunk. */
  readonly line: number;
  readonly name: string;
  readonly total: number;
  readonly self: number;
  /** All functions that are defined there; the one with the most weight first. */
  readonly functionIds: readonly number[];
}

export interface LineShare {
  /** Line of the chunk, from 1. */
  readonly line: number;
  readonly total: number;
  readonly self: number;
  /**
   * Several functions have code in this line, and how often they were in one stack is not known:
   * the total is that of the largest, and may be more.
   */
  readonly atLeast: boolean;
}

export interface ChunkShares {
  readonly functions: readonly FunctionShare[];
  readonly lines: readonly LineShare[];
}

/** Rows of the table by chunk name. */
export function rowsByChunk(
  table: FunctionTable,
  functions: readonly FunctionInfo[],
): Map<string, number[]> {
  const byChunk = new Map<string, number[]>();
  table.functions.forEach((id, row) => {
    const chunk = functions[id - 1]?.file;
    if (chunk === undefined || chunk === '') return;
    const rows = byChunk.get(chunk);
    if (rows === undefined) byChunk.set(chunk, [row]);
    else rows.push(row);
  });
  return byChunk;
}

/** @param tree of the same query; needed where two functions are defined in one line. */
export function chunkShares(
  table: FunctionTable,
  functions: readonly FunctionInfo[],
  rows: readonly number[],
  tree: CallTree | undefined,
): ChunkShares {
  if (!(table.weight > 0)) return { functions: [], lines: [] };
  return {
    functions: functionShares(table, functions, rows, tree),
    lines: lineShares(table, rows),
  };
}

/** Whether {@link chunkShares} needs the tree to count right. */
export function needsTree(
  table: FunctionTable,
  functions: readonly FunctionInfo[],
  rows: readonly number[],
): boolean {
  const lines = rows.map((row) => functions[table.functions[row]! - 1]!.line);
  return new Set(lines).size < lines.length;
}

function functionShares(
  table: FunctionTable,
  functions: readonly FunctionInfo[],
  rows: readonly number[],
  tree: CallTree | undefined,
): FunctionShare[] {
  const byLine = new Map<number, number[]>();
  for (const row of [...rows].sort((a, b) => table.total[b]! - table.total[a]!)) {
    const { line } = functions[table.functions[row]! - 1]!;
    byLine.set(line, [...(byLine.get(line) ?? []), row]);
  }
  return [...byLine]
    .map(([line, own]) => {
      const ids = own.map((row) => table.functions[row]!);
      const total =
        own.length > 1 && tree !== undefined
          ? weightOfAny(tree, new Set(ids))
          : Math.max(...own.map((row) => table.total[row]!));
      const self = own.reduce((sum, row) => sum + table.self[row]!, 0);
      return {
        line,
        name: functions[ids[0]! - 1]!.name,
        total: total / table.weight,
        self: self / table.weight,
        functionIds: ids,
      };
    })
    .sort((a, b) => a.line - b.line);
}

/**
 * Weight of the samples that have any of these functions in their stack: that of the outermost
 * nodes.
 */
export function weightOfAny(tree: CallTree, ids: ReadonlySet<number>): number {
  const inside = new Uint8Array(tree.parents.length);
  let weight = 0;
  // Preorder: a parent is always seen before its children.
  for (let node = 1; node < tree.parents.length; node++) {
    const below = inside[tree.parents[node]!] === 1;
    if (below) inside[node] = 1;
    else if (ids.has(tree.functions[node]!)) {
      inside[node] = 1;
      weight += tree.total[node]!;
    }
  }
  return weight;
}

function lineShares(table: FunctionTable, rows: readonly number[]): LineShare[] {
  const byLine = new Map<number, { total: number; self: number; atLeast: boolean }>();
  for (const row of rows) {
    for (let at = table.lineStarts[row]!; at < table.lineStarts[row + 1]!; at++) {
      const line = table.lines[at]!;
      if (line === 0) continue;
      const total = table.lineTotal[at]!;
      const self = table.lineSelf[at]!;
      const known = byLine.get(line);
      if (known === undefined) byLine.set(line, { total, self, atLeast: false });
      else {
        // Self weights never overlap. Totals do where one function calls the other.
        known.self += self;
        known.total = Math.max(known.total, total, known.self);
        known.atLeast = true;
      }
    }
  }
  return [...byLine]
    .map(([line, { total, self, atLeast }]) => ({
      line,
      total: total / table.weight,
      self: self / table.weight,
      atLeast,
    }))
    .sort((a, b) => a.line - b.line);
}
