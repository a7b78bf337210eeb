// How many times longer than on a quick and idle machine a test may take before it counts as hung.
// An environment variable carries it to the tests, which multiply mocha's limits and the deadlines
// of waits by it (mocha-patience.mjs, test/fixtures/patience.ts).
import { availableParallelism, loadavg } from 'node:os';

export const VARIABLE = 'ACUPOINT_PATIENCE';
/** Milliseconds that `work` takes on the machine on which the limits were chosen. */
const REFERENCE_MS = 60;
/** A limit costs nothing unless a test hangs, so even an idle machine gets some room. */
const LEAST = 2;
const MOST = 20;

/** The factor in force: what a run has measured, else the least one. */
export function patience() {
  return Number(process.env[VARIABLE]) || LEAST;
}

/** Measures this machine as it is now, in a quarter of a second. */
export function measurePatience() {
  const [, middle = REFERENCE_MS] = [1, 2, 3].map(work).sort((a, b) => a - b);
  const slowness = middle / REFERENCE_MS;
  const [lastMinute = 0] = loadavg();
  const crowd = lastMinute / availableParallelism();
  return Math.min(MOST, Math.max(LEAST, Math.ceil(2 * Math.max(slowness, crowd))));
}

/** Hashing by hand and a map of strings: a part for the processor, a part for memory. */
function work() {
  const began = performance.now();
  const counts = new Map();
  for (let i = 0, hash = 1; i < 400_000; i++) {
    hash = Math.imul(hash ^ i, 0x01000193) >>> 0;
    const key = `k${hash % 5000}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return performance.now() - began;
}
