/** How a benchmark ends: one line of JSON with what was measured, the bars, and whether all were kept. */

export interface Figure {
  readonly value: number;
  /** Most that is allowed. */
  readonly bar: number;
  readonly unit: string;
}

/** Prints the line and sets the exit code. `more` is for what has no bar. */
export function verdict(
  bench: string,
  figures: Readonly<Record<string, Figure>>,
  more: Readonly<Record<string, unknown>> = {},
): void {
  const rows = Object.entries(figures).map(([name, { value, bar, unit }]) => [
    name,
    { value: Math.round(value * 1000) / 1000, bar, unit, pass: value <= bar },
  ]);
  const pass = Object.values(figures).every(({ value, bar }) => value <= bar);
  console.log(JSON.stringify({ bench, ...Object.fromEntries(rows), ...more, pass }));
  process.exitCode = pass ? 0 : 1;
}

/** @throws where there are no values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  if (upper === undefined || lower === undefined) throw new Error('Nothing was measured.');
  return (upper + lower) / 2;
}
