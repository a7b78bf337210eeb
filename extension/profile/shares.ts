/** Shares that are shown together add up to what they say. */

/**
 * Parts of their sum in tenths of a percent, by the method of the largest remainder: they add up to
 * 1 000, and none is off by a whole tenth.
 */
export function tenths(weights: readonly number[]): number[] {
  return tenthsOf(
    weights,
    weights.reduce((all, weight) => all + weight, 0),
  );
}

/** Parts of a whole that need not be all of it: they add up to what is shown of their sum. */
export function tenthsOf(weights: readonly number[], whole: number): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  if (!(sum > 0 && whole > 0)) return weights.map(() => 0);
  const exact = weights.map((weight) => (1000 * weight) / whole);
  const shares = exact.map(Math.floor);
  let missing = Math.round((1000 * sum) / whole) - shares.reduce((all, share) => all + share, 0);
  const byRemainder = exact.map((value, i) => [value - shares[i]!, i] as const);
  byRemainder.sort(([one], [other]) => other - one);
  for (const [, i] of byRemainder) {
    if (missing-- <= 0) break;
    shares[i] = shares[i]! + 1;
  }
  return shares;
}
