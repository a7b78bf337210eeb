/** Tables of what owners cost: by phase, by request, and one against the other. */
import type { GroupTable, Query } from '../profile/engine';
import { type SampleLabels, VmState } from '../profile/frames';
import type { ProfileStore } from '../profile/store';
import { comparePhases, type Dimension, inTimer, noPhase, phaseOf, requestKey } from './dimensions';
import { type Caused, causedBy, type HandedRow, Via } from './hand-over';
import { Overhead, type OwnerIndex } from './owner-index';
import type { OwnerKind } from './owners';

export interface ReportRow {
  readonly name: string;
  readonly kind: OwnerKind;
  /** Weight in the query's measure and samples, of all columns. */
  weight: number;
  samples: number;
  /** Of the weight: what the garbage collector, and what the JIT compiler took. */
  garbageCollector: number;
  jitCompiler: number;
  /**
   * An estimate: what it has caused in other rows by timers, or, below 0, what others have caused in
   * it. All rows add up to 0.
   */
  caused: number;
  /** Weight by column of the report. */
  readonly cells: Float64Array;
}

/** Each sample of the query is in exactly one row and one column: all adds up. */
export interface Report {
  readonly columns: readonly string[];
  /** Most weight first; those without any, which are there to be seen, by name at the end. */
  readonly rows: readonly ReportRow[];
  readonly weight: number;
  readonly samples: number;
  /** In which somebody created a timer: what {@link ReportRow.caused} is estimated from. */
  readonly causedSamples: number;
}

/** More rows and columns than anybody reads: what is left is one row, or column, with their sum. */
const MOST_ROWS = 200;
const MOST_COLUMNS = 16;
export const theRest = '(the rest)';

/**
 * @param loaded plugins that the workers have loaded: those without a sample have a row of zeros.
 */
export async function makeReport(
  store: ProfileStore,
  index: OwnerIndex,
  query: Query,
  by: { readonly rows: Dimension; readonly columns: Dimension },
  loaded: readonly string[] = [],
): Promise<Report> {
  const labels = new Keys<string>();
  const requests = new Keys<string>();
  const need = (dimension: Dimension) => by.rows === dimension || by.columns === dimension;
  const table = await store.groupTable(
    query,
    (each) =>
      labels.idOf(
        `${overheadOf(each)}${Number(inTimer(each))}${need('phase') ? phaseOf(each) : ''}`,
      ),
    (each) => requests.idOf(each === undefined ? '' : requestKeys(by, each)),
  );
  await index.advance();
  const owners = index.update();
  const timed = (row: number) => labels.get(table.labelGroups[row]!)[1] === '1';
  const keyOf = (dimension: Dimension, row: number): string => {
    if (dimension === 'owner') return String(owners[table.stacks[row]!]!);
    if (dimension === 'phase') return labels.get(table.labelGroups[row]!).slice(2) || noPhase;
    const keys = requests.get(table.requestGroups[row]!);
    if (keys === '') return index.unknown.nameOf(table.stacks[row]!, timed(row));
    return keys.split(separator)[by.rows === dimension ? 0 : 1] ?? '';
  };
  const columns = columnKeys(table, by.columns, keyOf);
  const rows = sumUp(table, columns, (row) => {
    const label = Number(labels.get(table.labelGroups[row]!)[0]);
    return {
      row: keyOf(by.rows, row),
      column: keyOf(by.columns, row),
      overhead: index.overheadOf(table.stacks[row]!) || label,
    };
  });
  const caused: Caused =
    by.rows === 'phase'
      ? { byKey: new Map<string, number>(), samples: 0 }
      : causedBy(
          Array.from(table.stacks, (stack, row): HandedRow => {
            const key = keyOf(by.rows, row);
            const { creator, via, fills } = index.handOverOf(stack);
            // Where no requests are told apart it may be one that waited.
            const mayBeRequest =
              store.requests.length === 0 || requests.get(table.requestGroups[row]!) !== '';
            return {
              key,
              creator,
              fills,
              creatorKey: by.rows === 'owner' ? String(creator) : key,
              via: mayBeRequest && creator === 0 && via === Via.ngxLua ? 0 : via,
              owner: owners[stack]!,
              inTimer: timed(row),
              weight: table.weights[row]!,
              samples: table.counts[row]!,
            };
          }),
          by.rows !== 'owner',
        );
  for (const [key, amount] of caused.byKey) {
    if (!rows.has(key)) rows.set(key, emptySums(columns.length));
    rows.get(key)!.caused += amount;
  }
  const named = [...rows].map(([key, sums]) => nameRow(index, by.rows, key, sums));
  if (by.rows === 'owner') addLoaded(named, loaded, columns.length);
  const names = columns.map((key) => columnName(index, by.columns, key));
  const { weight, samples } = table;
  return { columns: names, rows: shorten(named), weight, samples, causedSamples: caused.samples };
}

/** Numbers keys in the order in which they come. */
class Keys<T> {
  private readonly ids = new Map<T, number>();
  private readonly keys: T[] = [];

  idOf(key: T): number {
    let id = this.ids.get(key);
    if (id === undefined) {
      id = this.keys.push(key) - 1;
      this.ids.set(key, id);
    }
    return id;
  }

  get(id: number): T {
    return this.keys[id]!;
  }
}

/** Stands between two keys of requests, and in each of them; URIs and hosts have no such character. */
const separator = '\u0000';

function requestKeys(
  by: { readonly rows: Dimension; readonly columns: Dimension },
  request: Parameters<typeof requestKey>[1],
): string {
  const key = (dimension: Dimension) =>
    dimension === 'owner' || dimension === 'phase' ? '' : requestKey(dimension, request);
  return `${key(by.rows)}${separator}${key(by.columns)}`;
}

/** The VM says so of samples whose stack does not. */
function overheadOf(labels: SampleLabels | undefined): number {
  switch (labels?.vmState) {
    case VmState.Gc:
      return Overhead.garbageCollector;
    case VmState.Record:
    case VmState.Optimise:
    case VmState.Assemble:
      return Overhead.jitCompiler;
    default:
      return Overhead.none;
  }
}

type Sums = Omit<ReportRow, 'name' | 'kind'>;

interface Place {
  readonly row: string;
  readonly column: string;
  readonly overhead: number;
}

function sumUp(table: GroupTable, columns: readonly string[], place: (row: number) => Place) {
  const columnOf = new Map(columns.map((key, i) => [key, i]));
  const rows = new Map<string, Sums>();
  for (let i = 0; i < table.stacks.length; i++) {
    const { row, column, overhead } = place(i);
    let sums = rows.get(row);
    if (!sums) rows.set(row, (sums = emptySums(columns.length)));
    const weight = table.weights[i]!;
    sums.weight += weight;
    sums.samples += table.counts[i]!;
    if (overhead === Overhead.garbageCollector) sums.garbageCollector += weight;
    if (overhead === Overhead.jitCompiler) sums.jitCompiler += weight;
    sums.cells[columnOf.get(column) ?? columns.length - 1]! += weight;
  }
  return rows;
}

function emptySums(columns: number): Sums {
  const cells = new Float64Array(columns);
  return { weight: 0, samples: 0, garbageCollector: 0, jitCompiler: 0, caused: 0, cells };
}

/** Phases in their order, others by weight; the last takes in what is too many. */
function columnKeys(
  table: GroupTable,
  by: Dimension,
  keyOf: (dimension: Dimension, row: number) => string,
): string[] {
  const weights = new Map<string, number>();
  for (let i = 0; i < table.stacks.length; i++) {
    const key = keyOf(by, i);
    weights.set(key, (weights.get(key) ?? 0) + table.weights[i]!);
  }
  const keys = [...weights.keys()].sort((a, b) => weights.get(b)! - weights.get(a)!);
  const shown = keys.length > MOST_COLUMNS ? [...keys.slice(0, MOST_COLUMNS - 1), theRest] : keys;
  return by === 'phase' ? shown.sort(comparePhases) : shown;
}

function columnName(index: OwnerIndex, by: Dimension, key: string): string {
  return by === 'owner' ? (index.owners.get(Number(key))?.name ?? key) : key;
}

function nameRow(index: OwnerIndex, by: Dimension, key: string, sums: Sums): ReportRow {
  const owner = by === 'owner' ? index.owners.get(Number(key)) : undefined;
  return { name: owner?.name ?? key, kind: owner?.kind ?? 'other', ...sums };
}

function addLoaded(rows: ReportRow[], loaded: readonly string[], columns: number): void {
  const known = new Set(rows.filter(({ kind }) => kind === 'plugin').map(({ name }) => name));
  for (const name of loaded)
    if (!known.has(name)) rows.push({ name, kind: 'plugin', ...emptySums(columns) });
}

function shorten(rows: ReportRow[]): ReportRow[] {
  rows.sort((a, b) => b.weight - a.weight || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  if (rows.length <= MOST_ROWS) return rows;
  const rest: ReportRow = {
    name: theRest,
    kind: 'other',
    ...emptySums(rows[0]!.cells.length),
  };
  for (const row of rows.slice(MOST_ROWS - 1)) {
    rest.weight += row.weight;
    rest.samples += row.samples;
    rest.garbageCollector += row.garbageCollector;
    rest.jitCompiler += row.jitCompiler;
    rest.caused += row.caused;
    row.cells.forEach((weight, i) => (rest.cells[i]! += weight));
  }
  return [...rows.slice(0, MOST_ROWS - 1), rest];
}
