/**
 * How far shares may be off that come from bursts: each is a draw of its own, so how they differ
 * from each other says how far their sum is from the truth. Shares are ratios of sums, and the error
 * is that of a ratio estimator with the bursts, or some of them together, as its clusters.
 */

/** Bursts of one after the other stretch of time: their weight by key, and in all. */
export interface BurstPart {
  readonly weights: ReadonlyMap<string, number>;
  readonly weight: number;
}

/** Student's t for 95 % between both ends, by degrees of freedom from 1 on. */
const quantiles = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145,
  2.131,
];
/** With so many parts, more would say hardly more. */
export const mostParts = quantiles.length + 1;

export interface ShareError {
  /** Half of the interval that holds the true share in 95 of 100 cases; a part of 1. */
  readonly half: number;
  /** The error is as large as the share: only a limit is known. */
  readonly unclear: boolean;
}

/**
 * @param samples stacks in all: what was drawn within bursts cannot be surer than they make it.
 * @returns undefined where there are not two parts to compare.
 */
export function shareError(
  parts: readonly BurstPart[],
  key: string,
  samples: number,
): ShareError | undefined {
  const seen = parts.filter(({ weight }) => weight > 0);
  if (seen.length < 2 || samples <= 0) return undefined;
  const moments = new Moments(1);
  for (const { weight, weights } of seen) {
    moments.begin(weight);
    moments.add(0, weights.get(key) ?? 0);
  }
  const half = moments.half(0, samples);
  return { half, unclear: half >= moments.share(0) };
}

/** Sums over bursts of one after the other stretch of time, for many keys at once. */
export class Moments {
  private readonly sums: Float64Array;
  private readonly squares: Float64Array;
  private readonly products: Float64Array;
  private weight = 0;
  private weights = 0;
  private weightSquares = 0;
  /** How many there were with any weight. */
  parts = 0;

  constructor(keys: number) {
    this.sums = new Float64Array(keys);
    this.squares = new Float64Array(keys);
    this.products = new Float64Array(keys);
  }

  /** A part of so much weight in all, which is more than 0; its keys follow, each once. */
  begin(weight: number): void {
    this.parts++;
    this.weight = weight;
    this.weights += weight;
    this.weightSquares += weight * weight;
  }

  /** A key that there is not is left aside. */
  add(key: number, weight: number): void {
    if (key < 0 || key >= this.sums.length) return;
    this.sums[key]! += weight;
    this.squares[key]! += weight * weight;
    this.products[key]! += weight * this.weight;
  }

  share(key: number): number {
    return this.sums[key]! / this.weights;
  }

  /** As {@link ShareError}; of two parts or more. */
  half(key: number, samples: number): number {
    const { parts } = this;
    const share = this.share(key);
    const spread =
      this.squares[key]! - 2 * share * this.products[key]! + share * share * this.weightSquares;
    const t = quantiles[parts - 2] ?? quantiles.at(-1)!;
    const between = (t * Math.sqrt((parts / (parts - 1)) * Math.max(0, spread))) / this.weights;
    const within = 1.96 * Math.sqrt(Math.max(0, share * (1 - share)) / samples);
    return Math.max(between, within);
  }
}

/** By how much a quotient of two sums may be off, as a part of it; the same idea as above. */
export function quotientError(parts: readonly (readonly [number, number])[]): number | undefined {
  const { length } = parts;
  const [above, below] = [0, 1].map((i) => parts.reduce((sum, part) => sum + part[i]!, 0));
  if (length < 2 || !above || !below) return undefined;
  const squares = parts.reduce((sum, [x, y]) => sum + (x / above - y / below) ** 2, 0);
  const t = quantiles[length - 2] ?? quantiles.at(-1)!;
  return t * Math.sqrt((length / (length - 1)) * squares);
}
