import { LAST_BUCKET } from '../profile/histogram';
import type { KeyValue, SeriesInfo, TableRows } from '../profile/rows';
import { corrupt, countOf } from './corrupt';
import type { Dictionary } from './dictionary';
import type * as wire from './generated/acupoint_pb';
import { limits } from './limits';

/** Throws ProbeError 'corrupt-stream'. */
export function tableRows(
  info: SeriesInfo,
  rows: wire.TableRows,
  dictionary: Dictionary,
): TableRows {
  const { name, keys } = info;
  const length = rows.pids.length;
  const columns = [rows.counts, rows.sums, rows.least, rows.most];
  if (columns.some((column) => column.length !== length))
    throw corrupt(`${name}: columns of ${[length, ...columns.map((each) => each.length)].join()}`);
  if (rows.keys.length !== length * keys.length)
    throw corrupt(`${name}: ${rows.keys.length} keys of ${length} rows of ${keys.length}`);
  dictionary.checkPids(rows.pids);
  const [counts, sums, least, most] = columns.map((column) =>
    Float64Array.from(column, (value) => countOf(value, `${name} numbers`)),
  );
  const bucketCounts = Float64Array.from(rows.bucketCounts, (count) =>
    countOf(count, `${name} buckets`),
  );
  for (let row = 0; row < length; row++)
    checkSums(name, counts![row]!, sums![row]!, least![row]!, most![row]!);
  checkBuckets(name, rows, counts!, bucketCounts);
  return {
    series: name,
    pids: Uint32Array.from(rows.pids),
    keys: rows.keys.map((key, i): KeyValue => {
      const { number, name: what } = keys[i % keys.length]!;
      return number ? key : dictionary.string(key, `${name} ${what}`).slice(0, limits.keyChars);
    }),
    counts: counts!,
    sums: sums!,
    least: least!,
    most: most!,
    bucketRows: Uint32Array.from(rows.bucketRows),
    buckets: Uint32Array.from(rows.buckets),
    bucketCounts,
  };
}

/** Throws at sums that no values can have: a percentile of them would be made up. */
function checkSums(name: string, count: number, sum: number, least: number, most: number): void {
  if (count === 0 && sum === 0) return;
  // The probe has means of several values, rounded down, in the place of each; products are rounded.
  const some = 1 + 1e-9;
  const possible =
    least <= most && sum >= most && sum <= count * (most + 1) * some && count * least <= sum * some;
  if (!possible)
    throw corrupt(`${name}: ${count} values from ${least} to ${most} add up to ${sum}`);
}

function checkBuckets(
  name: string,
  { bucketRows, buckets }: wire.TableRows,
  counts: Float64Array,
  bucketCounts: Float64Array,
): void {
  if (bucketRows.length !== 0 && bucketRows.length !== counts.length)
    throw corrupt(`${name}: ${counts.length} rows, and ${bucketRows.length} with buckets`);
  if (buckets.length !== bucketCounts.length)
    throw corrupt(`${name}: ${buckets.length} buckets, and ${bucketCounts.length} counts`);
  let at = 0;
  bucketRows.forEach((length, row) => {
    if (length > buckets.length - at) throw corrupt(`${name}: fewer buckets than rows have`);
    let left = counts[row]!;
    for (let last = -1; length > 0; length--, at++) {
      const bucket = buckets[at]!;
      if (bucket <= last || bucket > LAST_BUCKET)
        throw corrupt(`${name}: bucket ${bucket} of ${last}`);
      last = bucket;
      left -= bucketCounts[at]!;
    }
    if (left !== 0) throw corrupt(`${name}: buckets of ${counts[row]! - left} of ${counts[row]}`);
  });
  if (at !== buckets.length) throw corrupt(`${name}: more buckets than rows have`);
}
