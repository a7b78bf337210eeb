import type { CallTree, FunctionTable, Query } from '../profile/engine';
import { FrameKind } from '../profile/frames';
import { handlerName } from '../analysis/handler-name';
import { effectiveSamples, tiesAbove, wilson, type Interval } from '../profile/interval';
import { chargedKinds, weightsByKind } from '../profile/kind-shares';
import { displayName, fileText, isLua, kindText, placeText } from '../profile/names';
import { defaultMeasure, stackSeries } from '../profile/series';
import { tenths } from '../profile/shares';
import type { ProfileStore } from '../profile/store';

/** A row of a table of functions; self and total are fractions of all samples of the query. */
export interface HotFunction {
  readonly name: string;
  /** As the worker knows it. */
  readonly file: string;
  /** Where it is defined; 0: not known. */
  readonly line: number;
  /** "Lua (interpreted)", ... */
  readonly kinds: string[];
  readonly self: number;
  readonly total: number;
  /** Between which they are in truth, at 95 %; null: they are no shares of samples. */
  readonly selfInterval: Interval | null;
  readonly totalInterval: Interval | null;
  /** The samples do not tell whether this one or the one above it is the larger. */
  readonly tied: boolean;
  /** The line that was executing most often; 0: not known. */
  readonly hottestLine: number;
  /** "handler.lua:42" */
  readonly place: string;
}

/** A kind's part of all, of 1; see profile/kind-shares.ts. */
export interface KindShare {
  readonly kind: string;
  readonly share: number;
}

export interface HotFunctions {
  readonly rows: HotFunction[];
  /** Most first; together 1, or none where there are no samples. */
  readonly kinds: KindShare[];
  readonly samples: number;
}

/** The functions with most self (or total) weight; those of equal weight in order of arrival. */
export async function hotFunctions(
  store: ProfileStore,
  query: Query,
  limit: number,
  by: 'self' | 'total' = 'self',
): Promise<HotFunctions> {
  const table = await store.functionTable(query);
  const tree = await store.callTree(query);
  const { sampled } = stackSeries[query.measure ?? defaultMeasure];
  const sure = sampled ? effectiveSamples(tree.self, tree.selfSamples) : undefined;
  const order = Array.from(table.functions, (_, row) => row);
  order.sort((a, b) => table[by][b]! - table[by][a]! || a - b);
  const shown = order.slice(0, limit);
  const part = (row: number): number => table[by][row]! / table.weight;
  const ties = sure === undefined ? [] : tiesAbove(shown.map(part), sure);
  const rows = shown.map((row, i) => hotFunction(store, table, row, sure, ties[i] ?? false));
  return { rows, kinds: kindShares(tree), samples: table.samples };
}

/** The share of all frames left out by the query's filter is under its own name. */
function kindShares(tree: CallTree): KindShare[] {
  const { byKind, hidden } = weightsByKind(tree, chargedKinds(tree), FrameKind.Wait + 1);
  const all = tree.total[0]!;
  const weights = Array.from(byKind, (weight, kind) => ({ kind: kindText(kind), weight }));
  return [...weights, { kind: outside, weight: hidden }]
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ kind, weight }) => ({ kind, share: weight / all }));
}

const outside = 'outside the shown frames';

/** "Lua (JIT) 41.2 %, garbage collector 14.7 %": together 100 %. */
export function kindsText(kinds: readonly KindShare[]): string {
  const shares = tenths(kinds.map(({ share }) => share));
  return kinds.map(({ kind }, i) => `${kind} ${(shares[i]! / 10).toFixed(1)} %`).join(', ');
}

function hotFunction(
  store: ProfileStore,
  table: FunctionTable,
  row: number,
  sure: number | undefined,
  tied: boolean,
): HotFunction {
  const id = table.functions[row]!;
  const info = store.functionInfo(id)!;
  const kinds = store.kindsOf(id);
  const kind = kinds[0] ?? FrameKind.Unknown;
  const share = (weight: number) => (table.weight === 0 ? 0 : weight / table.weight);
  const interval = (weight: number) => (sure === undefined ? null : wilson(share(weight), sure));
  return {
    name: isLua(kind)
      ? displayName({ ...info, name: handlerName(info) }, kind)
      : displayName(info, kind),
    file: fileText(info.file, kind),
    line: info.line,
    kinds: kinds.map(kindText),
    self: share(table.self[row]!),
    total: share(table.total[row]!),
    selfInterval: interval(table.self[row]!),
    totalInterval: interval(table.total[row]!),
    tied,
    hottestLine: hottestLine(table, row),
    place: placeText(info, kind),
  };
}

function hottestLine(table: FunctionTable, row: number): number {
  let best = -1;
  let line = 0;
  for (let i = table.lineStarts[row]!; i < table.lineStarts[row + 1]!; i++) {
    if (table.lineTotal[i]! <= best) continue;
    best = table.lineTotal[i]!;
    line = table.lines[i]!;
  }
  return line;
}

/** A row as machines get it: what is derived from the rest is left out. */
export function forMachines({ place: _place, ...row }: HotFunction): Omit<HotFunction, 'place'> {
  return row;
}
