/** The share of all samples that each kind of frames took, as the legend shows it. */
import { FrameKind } from '../../extension/profile/frames';
import { weightsByKind } from '../../extension/profile/kind-shares';
import { tenthsOf } from '../../extension/profile/shares';
import type { Profile } from './profile';
import { weightOf } from './tree';

/** In the place of a kind: samples all of whose frames a filter leaves out. */
export const HIDDEN = -1;

export interface KindShare {
  /** Or {@link HIDDEN}. */
  readonly kind: number;
  readonly weight: number;
  /** Of all samples, in tenths of a percent. */
  readonly tenths: number;
}

/** In the order of the legend. They add up to the part of all samples that the tree has. */
export function kindShares({ tree, kinds }: Pick<Profile, 'tree' | 'kinds'>): KindShare[] {
  const charged = kinds.charged?.(tree) ?? tree.kinds;
  const { byKind, hidden } = weightsByKind(tree, charged, kinds.all.length);
  // A kind that the legend does not have is not known here.
  byKind.forEach((weight, kind) => {
    if (!kinds.order.includes(kind)) byKind[FrameKind.Unknown]! += weight;
  });
  const weights = [...kinds.order.map((kind) => byKind[kind]!), hidden];
  const shares = tenthsOf(weights, weightOf(tree));
  return [...kinds.order, HIDDEN].map((kind, i) => {
    return { kind, weight: weights[i]!, tenths: shares[i]! };
  });
}
