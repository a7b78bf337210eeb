/** Rows as slices of a pie: what would be too small to be told apart is one. */
import { tenths } from '../../extension/profile/shares';
import type { Slice } from './pie';

export interface SliceRow extends Omit<Slice, 'share'> {
  readonly weight: number;
}

/** More slices than can be told apart. */
const SLICES = 12;

/** @param restFill colour of what stands for many rows. */
export function slicesOf(rows: readonly SliceRow[], restFill: () => string): Slice[] {
  const shares = tenths(rows.map(({ weight }) => weight));
  const text = (share: number): string => `${(share / 10).toFixed(1)} %`;
  const all = rows
    .map((row, i) => ({ row, share: shares[i]! }))
    .filter(({ row }) => row.weight > 0)
    .sort((a, b) => b.row.weight - a.row.weight);
  const shown = all.length > SLICES ? all.slice(0, SLICES - 1) : all;
  const slices: Slice[] = shown.map(({ row, share }) => ({ ...row, share: text(share) }));
  const left = all.slice(shown.length);
  if (left.length === 0) return slices;
  return [
    ...slices,
    {
      key: undefined,
      name: `${left.length} more`,
      weight: left.reduce((sum, { row }) => sum + row.weight, 0),
      share: text(left.reduce((sum, { share }) => sum + share, 0)),
      fill: restFill(),
      selected: false,
    },
  ];
}
