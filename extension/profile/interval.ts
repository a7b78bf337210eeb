/** How sure a share is that was measured by samples. Shares are fractions of 1. */

/** Of the normal distribution: 95 % lie within so many deviations. */
const Z = 1.959964;

/** Least and most that the true share is, at 95 %. */
export type Interval = readonly [least: number, most: number];

/**
 * Wilson's score interval of a share of `samples` independent ones: it holds for small numbers of
 * samples, and for shares near 0 and 1 as well.
 */
export function wilson(share: number, samples: number): Interval {
  if (!(samples > 0)) return [0, 1];
  const part = Math.min(1, Math.max(0, share));
  const spread = (Z * Z) / samples;
  const centre = (part + spread / 2) / (1 + spread);
  const half = (Z * Math.sqrt((part * (1 - part) + spread / 4) / samples)) / (1 + spread);
  // At the ends the formula is exact, and its rounding is not.
  const least = part === 0 ? 0 : Math.max(0, centre - half);
  return [least, part === 1 ? 1 : Math.min(1, centre + half)];
}

/** "11.5–13.2", in percent. */
export function intervalText([least, most]: Interval): string {
  return `${(100 * least).toFixed(1)}–${(100 * most).toFixed(1)}`;
}

/**
 * Whether samples leave open which of two shares is the larger, at 95 %: McNemar's test of parts
 * that exclude each other; of parts that overlap it is more doubtful than it need be.
 */
export function isTie(one: number, other: number, samples: number): boolean {
  if (one + other <= 0) return false;
  return (one - other) ** 2 * samples <= Z * Z * (one + other);
}

/** Of rows in the order of their shares, those that may as well stand before the one above. */
export function tiesAbove(shares: readonly number[], samples: number): boolean[] {
  return shares.map((share, i) => i > 0 && isTie(share, shares[i - 1]!, samples));
}

/**
 * How many samples of equal weight say as much as these: fewer where the weight of one differs from
 * place to place, as with a rate that was lowered.
 * @param weights by place. @param counts samples of each.
 */
export function effectiveSamples(weights: ArrayLike<number>, counts: ArrayLike<number>): number {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    if (!(counts[i]! > 0)) continue;
    sum += weight;
    squares += (weight * weight) / counts[i]!;
  }
  return squares > 0 ? (sum * sum) / squares : 0;
}
