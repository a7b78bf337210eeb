/** Times as people read them. */

/** "14:03:22", in the time of this machine. */
export function clock(atMs: number): string {
  return new Date(atMs).toLocaleTimeString([], { hour12: false });
}

/**
 * "14:03:22" of a time of the capture, or "12.0 s" of it.
 * @param startUnixMs when it began; 0: not known.
 */
export function timeOf(startUnixMs: number, us: number): string {
  return startUnixMs > 0 ? clock(startUnixMs + us / 1000) : `${(us / 1e6).toFixed(1)} s`;
}

/** "14:03:22 – 14:03:32" */
export function timeSpan(startUnixMs: number, fromUs: number, toUs: number): string {
  return `${timeOf(startUnixMs, fromUs)} – ${timeOf(startUnixMs, toUs)}`;
}
