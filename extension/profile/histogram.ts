/**
 * Log-linear buckets: how values lie, with an error of at most 1.6 % wherever they lie. Below 64 a
 * bucket holds one value; above, each power of two has 32 buckets of one width.
 */

const EXACT = 64;
const PER_POWER = 32;
const LOG_PER_POWER = 5;

/** Bucket of a whole number from 0 to 2^53 - 1. */
export function bucketOf(value: number): number {
  if (value < EXACT) return value;
  const shift = highestPower(value) - LOG_PER_POWER;
  return PER_POWER * shift + Math.floor(value / 2 ** shift);
}

/** The last one: of 2^53 - 1. */
export const LAST_BUCKET = bucketOf(Number.MAX_SAFE_INTEGER);

/** Least value of a bucket. */
export function bucketStart(bucket: number): number {
  const shift = shiftOf(bucket);
  return (bucket - PER_POWER * shift) * 2 ** shift;
}

function bucketMiddle(bucket: number): number {
  return bucketStart(bucket) + (2 ** shiftOf(bucket) - 1) / 2;
}

function shiftOf(bucket: number): number {
  return Math.max(0, Math.floor(bucket / PER_POWER) - 1);
}

function highestPower(value: number): number {
  const high = Math.floor(value / 2 ** 32);
  return high === 0 ? 31 - Math.clz32(value) : 63 - Math.clz32(high);
}

/** Counts by bucket, of the buckets that have some, ascending. */
export interface Buckets {
  readonly buckets: readonly number[];
  readonly counts: readonly number[];
}

export const noBuckets: Buckets = { buckets: [], counts: [] };

/** Both together. */
export function addBuckets(one: Buckets, other: Buckets): Buckets {
  if (one.buckets.length === 0) return other;
  if (other.buckets.length === 0) return one;
  const buckets: number[] = [];
  const counts: number[] = [];
  let i = 0;
  let j = 0;
  while (i < one.buckets.length || j < other.buckets.length) {
    const a = one.buckets[i] ?? Infinity;
    const b = other.buckets[j] ?? Infinity;
    buckets.push(Math.min(a, b));
    counts.push((a <= b ? one.counts[i++]! : 0) + (b <= a ? other.counts[j++]! : 0));
  }
  return { buckets, counts };
}

/**
 * The value that a part of all values do not exceed.
 * @param part of 1: 0.99 is the 99th percentile.
 * @returns undefined where there are no values.
 */
export function percentile({ buckets, counts }: Buckets, part: number): number | undefined {
  const all = counts.reduce((sum, count) => sum + count, 0);
  let left = Math.max(1, Math.ceil(part * all));
  for (let i = 0; i < buckets.length; i++) {
    left -= counts[i]!;
    if (left <= 0) return bucketMiddle(buckets[i]!);
  }
  return undefined;
}
