import type { TreeView } from '../page/messages';
import type { Query } from '../profile/engine';

/**
 * The samples that a view shows: those of a chosen time, of the last seconds, or all.
 * @param frozenAtUs where the view stands still, just behind its last sample; undefined: it follows.
 * @param timeUs of the latest samples.
 */
export function windowOf(
  { measure, windowSeconds, hiddenKinds, range }: TreeView,
  frozenAtUs: number | undefined,
  timeUs: number,
): Query {
  if (range) return { measure, fromUs: range[0], toUs: range[1], hiddenKinds };
  const nowUs = frozenAtUs === undefined ? timeUs : frozenAtUs - 1;
  // An interval's time is its end: the one that ends where the window opens is outside of it.
  const fromUs = windowSeconds > 0 ? nowUs - windowSeconds * 1e6 + 1 : -Infinity;
  return { measure, fromUs, toUs: frozenAtUs ?? Infinity, hiddenKinds };
}

export function sameView(one: TreeView, other: TreeView): boolean {
  return (
    one.measure === other.measure &&
    one.windowSeconds === other.windowSeconds &&
    one.hiddenKinds === other.hiddenKinds &&
    one.range?.[0] === other.range?.[0] &&
    one.range?.[1] === other.range?.[1]
  );
}
