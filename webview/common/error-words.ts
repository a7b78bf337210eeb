/** How the error of a share is explained. */

export const ERROR_HINT =
  'The share that was measured by samples is in truth between these, in 95 of 100 cases, in percent';

export const TIE_HINT =
  '≈: the samples do not tell whether this row or the next larger one is the larger';

/** How a share of what was watched in bursts is explained. */
export const BURST_HINT =
  'Bursts are a part of the time: the true share is within ± in 95 of 100 cases. ? is not known ' +
  'before the second burst, and < is a limit: the share may be off by as much as it is';

/**
 * Of what was watched in bursts: "42.0 ±1.2 %"; "< 4.5 %" where the share may be off by as much as it
 * is.
 * @param share in percent, as it is to be shown. @param exact the same, as it is.
 * @param off half of its interval, in percent; null: not known yet, NaN: not of this part of all.
 */
export function burstShare(share: number, exact: number, off: number | null): string {
  if (off === null) return '? %';
  if (!(exact > 0)) return '0.0 %';
  if (Number.isNaN(off)) return `≈ ${share.toFixed(1)} %`;
  if (off >= exact) return `< ${Math.min(100, share + off).toFixed(1)} %`;
  return `${share.toFixed(1)} ±${off.toFixed(1)} %`;
}
