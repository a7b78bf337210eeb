import type { GroupTable, Query } from './engine';
import type { SampleLog } from './sample-log';

interface Cell {
  readonly stack: number;
  readonly labelGroup: number;
  readonly requestGroup: number;
  weight: number;
  count: number;
}

/** Sums up the rows of a query by stack and groups. */
export function buildGroupTable(
  log: SampleLog,
  query: Query,
  labelGroups: Uint32Array,
  requestGroups: Uint32Array,
): GroupTable {
  const stacks = new Map<number, Map<number, Map<number, Cell>>>();
  const cells: Cell[] = [];
  let weight = 0;
  let samples = 0;
  log.each(query, (stack, label, request, count, rowWeight) => {
    const labelGroup = labelGroups[label] ?? 0;
    const requestGroup = requestGroups[request] ?? 0;
    const row = within(within(stacks, stack), labelGroup);
    let cell = row.get(requestGroup);
    if (!cell) {
      cell = { stack, labelGroup, requestGroup, weight: 0, count: 0 };
      row.set(requestGroup, cell);
      cells.push(cell);
    }
    cell.weight += rowWeight;
    cell.count += count;
    weight += rowWeight;
    samples += count;
  });
  cells.sort(
    (a, b) => a.stack - b.stack || a.labelGroup - b.labelGroup || a.requestGroup - b.requestGroup,
  );
  return {
    stacks: Uint32Array.from(cells, (cell) => cell.stack),
    labelGroups: Uint32Array.from(cells, (cell) => cell.labelGroup),
    requestGroups: Uint32Array.from(cells, (cell) => cell.requestGroup),
    weights: Float64Array.from(cells, (cell) => cell.weight),
    counts: Float64Array.from(cells, (cell) => cell.count),
    weight,
    samples,
  };
}

function within<V>(map: Map<number, Map<number, V>>, key: number): Map<number, V> {
  let inner = map.get(key);
  if (!inner) map.set(key, (inner = new Map<number, V>()));
  return inner;
}
