/** Shares that are shown together add up to what they say. */

/**
 * Parts of their sum in tenths of a percent, by the method of the largest remainder: they add up to
 * 1 000, and none is off by a whole tenth.
 */
export function tenths(weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  if (sum <= 0) return weights.map(() => 0);
  const exact = weights.map((weight) => (1000 * weight) / sum);
  const shares = exact.map(Math.floor);
  let missing = 1000 - shares.reduce((all, share) => all + share, 0);
  const byRemainder = exact.map((value, i) => [value - shares[i]!, i] as const);
  byRemainder.sort(([one], [other]) => other - one);
  for (const [, i] of byRemainder) {
    if (missing-- <= 0) break;
    shares[i] = shares[i]! + 1;
  }
  return shares;
}
