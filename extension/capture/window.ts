import type { TreeView } from '../page/messages';
import type { Query } from '../profile/engine';

/**
 * The samples that a view shows: the last seconds, or all.
 * @param frozenAtUs where the view stands still, just behind its last sample; undefined: it follows.
 * @param timeUs of the latest samples.
 */
export function windowOf(
  { measure, windowSeconds, hiddenKinds }: TreeView,
  frozenAtUs: number | undefined,
  timeUs: number,
): Query {
  const nowUs = frozenAtUs === undefined ? timeUs : frozenAtUs - 1;
  // An interval's time is its end: the one that ends where the window opens is outside of it.
  const fromUs = windowSeconds > 0 ? nowUs - windowSeconds * 1e6 + 1 : -Infinity;
  return { measure, fromUs, toUs: frozenAtUs ?? Infinity, hiddenKinds };
}
