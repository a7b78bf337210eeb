/** Amounts of memory as people read them. */

const UNITS = ['KB', 'MB', 'GB', 'TB'] as const;

/** "812 B", "3.2 KB", "12.5 MB": a KB is 1024 bytes, as nginx and the tools of a host have it. */
export function bytesText(bytes: number): string {
  const sign = bytes < 0 ? '\u2212' : '';
  let rest = Math.abs(bytes);
  if (rest < 1000) return `${sign}${Math.round(rest)} B`;
  let unit = -1;
  do {
    rest /= 1024;
    unit++;
  } while (rest >= 999.95 && unit < UNITS.length - 1);
  return `${sign}${rest.toFixed(1)} ${UNITS[unit]}`;
}
