/** "[=====>    ] 3.2 of 10.0 s  316 samples", as wide as fits. */
export function progressLine(
  elapsedSeconds: number,
  seconds: number,
  samples: number,
  columns: number,
): string {
  const shown = Math.min(elapsedSeconds, seconds);
  const text = ` ${shown.toFixed(1)} of ${seconds.toFixed(1)} s  ${samples} samples`;
  const width = Math.min(40, columns - text.length - 3);
  if (width < 5) return text.trim();
  const done = Math.round((shown / seconds) * width);
  const bar = done === 0 ? '' : `${'='.repeat(done - 1)}${done === width ? '=' : '>'}`;
  return `[${bar.padEnd(width)}]${text}`;
}
