import type { SeriesInfo, StackRows } from '../profile/rows';
import { corrupt, countOf } from './corrupt';
import type { Dictionary } from './dictionary';
import type * as wire from './generated/acupoint_pb';
import type { SeriesTable } from './series';

/** Throws ProbeError 'corrupt-stream'. */
export function stackRows(
  { name }: SeriesInfo,
  rows: wire.StackRows,
  series: SeriesTable,
  dictionary: Dictionary,
): StackRows {
  const { stacks, pids, labels, requests, counts, values, valuePerCount } = rows;
  const length = stacks.length;
  if ([pids, labels, counts].some((column) => column.length !== length))
    throw corrupt(
      `${name}: columns of ${length}, ${pids.length}, ${labels.length}, ${counts.length}`,
    );
  for (const [what, column] of [
    ['requests', requests],
    ['values', values],
  ] as const)
    if (column.length !== 0 && column.length !== length)
      throw corrupt(`${name}: ${length} rows, and ${column.length} ${what} of them`);
  dictionary.checkRows(stacks, pids, labels, requests);
  if (length > 0) series.checkValued(name, values.length > 0);
  return {
    series: name,
    stacks: Uint32Array.from(stacks),
    pids: Uint32Array.from(pids),
    labels: Uint32Array.from(labels),
    requests: Uint32Array.from(requests),
    counts: Uint32Array.from(counts),
    values:
      values.length === 0
        ? valuePerCount
        : Float64Array.from(values, (value) => countOf(value, `${name} values`)),
  };
}
