import type { FunctionTable, Query } from '../profile/engine';
import { FrameKind } from '../profile/frames';
import { handlerName } from '../analysis/handler-name';
import { displayName, fileText, isLua, kindText, placeText } from '../profile/names';
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
  /** The line that was executing most often; 0: not known. */
  readonly hottestLine: number;
  /** "handler.lua:42" */
  readonly place: string;
}

export interface HotFunctions {
  readonly rows: HotFunction[];
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
  const order = Array.from(table.functions, (_, row) => row);
  order.sort((a, b) => table[by][b]! - table[by][a]! || a - b);
  const rows = order.slice(0, limit).map((row) => hotFunction(store, table, row));
  return { rows, samples: table.samples };
}

function hotFunction(store: ProfileStore, table: FunctionTable, row: number): HotFunction {
  const id = table.functions[row]!;
  const info = store.functionInfo(id)!;
  const kinds = store.kindsOf(id);
  const kind = kinds[0] ?? FrameKind.Unknown;
  const share = (weight: number) => (table.weight === 0 ? 0 : weight / table.weight);
  return {
    name: isLua(kind)
      ? displayName({ ...info, name: handlerName(info) }, kind)
      : displayName(info, kind),
    file: fileText(info.file, kind),
    line: info.line,
    kinds: kinds.map(kindText),
    self: share(table.self[row]!),
    total: share(table.total[row]!),
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
