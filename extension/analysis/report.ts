/** Tables of what owners cost: by phase, by request, and one against the other. */
import { inTurns } from '../common/turns';
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
  const rowCount = table.stacks.length;
  const [rowKeys, columnKeys] = [new Keys<string>(), new Keys<string>()];
  const places = { rows: new Uint32Array(rowCount), columns: new Uint32Array(rowCount) };
  await inTurns(rowCount, (row) => {
    places.rows[row] = rowKeys.idOf(keyOf(by.rows, row));
    places.columns[row] = columnKeys.idOf(keyOf(by.columns, row));
  });
  const columns = await shownColumns(table, by.columns, columnKeys, places.columns);
  const columnOf = new Map(columns.map((key, i) => [key, i]));
  const rows = new Map<string, Sums>();
  await inTurns(rowCount, (row) => {
    const label = Number(labels.get(table.labelGroups[row]!)[0]);
    const key = rowKeys.get(places.rows[row]!);
    let sums = rows.get(key);
    if (!sums) rows.set(key, (sums = emptySums(columns.length)));
    const column = columnOf.get(columnKeys.get(places.columns[row]!)) ?? columns.length - 1;
    const overhead = index.overheadOf(table.stacks[row]!) || label;
    addTo(sums, column, overhead, table.weights[row]!, table.counts[row]!);
  });
  const caused: Caused =
    by.rows === 'phase'
      ? { byKey: new Map<string, number>(), samples: 0 }
      : await causedBy(await handedRows(), by.rows !== 'owner');
  for (const [key, amount] of caused.byKey) {
    if (!rows.has(key)) rows.set(key, emptySums(columns.length));
    rows.get(key)!.caused += amount;
  }
  const named: ReportRow[] = [];
  const all = [...rows];
  await inTurns(all.length, (i) => named.push(nameRow(index, by.rows, ...all[i]!)));
  if (by.rows === 'owner') addLoaded(named, loaded, columns.length);
  const { weight, samples } = table;
  return {
    columns: columns.map((key) => columnName(index, by.columns, key)),
    rows: await shorten(named),
    weight,
    samples,
    causedSamples: caused.samples,
  };

  /** Sums up rows that say the same, and leaves out rows that say nothing. */
  async function handedRows(): Promise<Iterable<HandedRow>> {
    const found = new Map<string, HandedRow & { weight: number; samples: number }>();
    await inTurns(rowCount, (row) => {
      const stack = table.stacks[row]!;
      const { creator, via: way, fills } = index.handOverOf(stack);
      const key = rowKeys.get(places.rows[row]!);
      // Where no requests are told apart it may be one that waited.
      const mayBeRequest =
        store.requests.length === 0 || requests.get(table.requestGroups[row]!) !== '';
      const via = mayBeRequest && creator === 0 && way === Via.ngxLua ? 0 : way;
      if (creator === 0 && via === 0 && !timed(row)) return;
      const facts = { creator, fills, via, owner: owners[stack]!, inTimer: timed(row) };
      const same = `${Object.values(facts).join()},${key}`;
      const known = found.get(same) ?? {
        ...facts,
        key,
        creatorKey: by.rows === 'owner' ? String(creator) : key,
        weight: 0,
        samples: 0,
      };
      known.weight += table.weights[row]!;
      known.samples += table.counts[row]!;
      found.set(same, known);
    });
    return found.values();
  }
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

  get count(): number {
    return this.keys.length;
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

function addTo(sums: Sums, column: number, overhead: number, weight: number, samples: number) {
  sums.weight += weight;
  sums.samples += samples;
  if (overhead === Overhead.garbageCollector) sums.garbageCollector += weight;
  if (overhead === Overhead.jitCompiler) sums.jitCompiler += weight;
  sums.cells[column]! += weight;
}

function emptySums(columns: number): Sums {
  const cells = new Float64Array(columns);
  return { weight: 0, samples: 0, garbageCollector: 0, jitCompiler: 0, caused: 0, cells };
}

/** Phases in their order, others by weight; the last takes in what is too many. */
async function shownColumns(
  table: GroupTable,
  by: Dimension,
  keys: Keys<string>,
  columns: Uint32Array,
): Promise<string[]> {
  const weights = new Float64Array(keys.count);
  await inTurns(columns.length, (row) => (weights[columns[row]!]! += table.weights[row]!));
  const heaviest = [...weights.keys()].sort((a, b) => weights[b]! - weights[a]!);
  const names = heaviest.slice(0, MOST_COLUMNS).map((id) => keys.get(id));
  if (keys.count > MOST_COLUMNS) names[MOST_COLUMNS - 1] = theRest;
  return by === 'phase' ? names.sort(comparePhases) : names;
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

/** The first of them, and the others as one. */
async function shorten(rows: readonly ReportRow[]): Promise<ReportRow[]> {
  const most = rows.length <= MOST_ROWS ? MOST_ROWS : MOST_ROWS - 1;
  const first: ReportRow[] = [];
  const rest: ReportRow = {
    name: theRest,
    kind: 'other',
    ...emptySums(rows[0]?.cells.length ?? 0),
  };
  await inTurns(rows.length, (i) => {
    insert(first, rows[i]!);
    if (first.length > most) join(rest, first.pop()!);
  });
  return rows.length <= MOST_ROWS ? first : [...first, rest];
}

/** Keeps the order: most weight first, then by name. */
function insert(sorted: ReportRow[], row: ReportRow): void {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(row, sorted[middle]!)) high = middle;
    else low = middle + 1;
  }
  sorted.splice(low, 0, row);
}

function isBefore(one: ReportRow, other: ReportRow): boolean {
  return one.weight === other.weight ? one.name < other.name : one.weight > other.weight;
}

function join(rest: ReportRow, row: ReportRow): void {
  rest.weight += row.weight;
  rest.samples += row.samples;
  rest.garbageCollector += row.garbageCollector;
  rest.jitCompiler += row.jitCompiler;
  rest.caused += row.caused;
  row.cells.forEach((weight, i) => (rest.cells[i]! += weight));
}
