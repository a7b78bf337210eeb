/** Times between two runs of a trace, in which nobody sampled: charts leave them open. */

/** Of one clock, the chart's. */
export type Gap = readonly [from: number, to: number];

export function gapAt(gaps: readonly Gap[], at: number): Gap | undefined {
  return gaps.find(([from, to]) => at > from && at < to);
}

/** Points in their order, in pieces between which there is a gap. */
export function pieces<T extends readonly [at: number, ...rest: unknown[]]>(
  points: readonly T[],
  gaps: readonly Gap[],
): T[][] {
  const made: T[][] = [];
  const middles = gaps.map(([from, to]) => (from + to) / 2);
  let before = -Infinity;
  for (const point of points) {
    const [at] = point;
    const isApart = middles.some((middle) => before < middle && middle <= at);
    if (made.length === 0 || isApart) made.push([]);
    made.at(-1)!.push(point);
    before = at;
  }
  return made;
}
