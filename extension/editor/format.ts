/** The editor's words for shares. */
import { defaultMeasure, type Measure, stackSeries } from '../profile/series';
import { joined, plain, plainText, type Plain } from '../common/plain';
import type { Freshness } from './stale';

interface Shares {
  readonly total: number;
  readonly self: number;
  readonly atLeast?: boolean;
}

/**
 * "12.3 % CPU · 4.1 % self", "31.0 % of bytes · 4.1 % self · ≈ 3.2 KB per request", either with
 * "· stale: file changed since ..."
 * @param cost what its allocations come to; '': not known.
 */
export function lensTitle(
  shares: Shares,
  freshness: Freshness,
  measure: Measure = defaultMeasure,
  cost = '',
): Plain {
  const parts = [plain`${percent(shares.total)} % ${stackSeries[measure].words.ofShare}`];
  parts.push(plain`${percent(shares.self)} % self`, plain`${cost}`);
  if (freshness.kind === 'stale') parts.push(plain`stale: ${freshness.why}`);
  return joined(parts, ' · ');
}

/** "plugin rate-limiting: 12.3 % CPU" */
export function pluginTitle(
  name: string,
  share: number,
  measure: Measure = defaultMeasure,
  cost = '',
): Plain {
  const shown = plainText(name, 100);
  const title = plain`plugin ${shown}: ${percent(share)} % ${stackSeries[measure].words.ofShare}`;
  return joined([title, plain`${cost}`], ' · ');
}

/** "12.3 % of CPU with what it calls, 4.1 % itself" */
export function hoverText(shares: Shares, measure: Measure): string {
  const { ofWhole } = stackSeries[measure].words;
  const least = shares.atLeast === true ? 'at least ' : '';
  return (
    `${least}${percent(shares.total)} % of ${ofWhole} with what it calls, ` +
    `${percent(shares.self)} % itself`
  );
}

/**
 * "12.3 %", and what of it the line took itself where that is not all or nothing; of bytes: "12.3 %
 * of bytes".
 */
export function lineText(shares: Shares, measure: Measure = defaultMeasure): Plain {
  const unit = measure === defaultMeasure ? '' : ` ${stackSeries[measure].words.ofShare}`;
  const total = plain`${shares.atLeast === true ? '≥ ' : ''}${percent(shares.total)} %${unit}`;
  const self = percent(shares.self);
  return self === '0.0' || self === percent(shares.total)
    ? total
    : plain`${total} · ${self} % self`;
}

export function percent(share: number): string {
  return (share * 100).toFixed(1);
}

/** 0 cool, 1 warm, 2 hot. */
export function heat(share: number): 0 | 1 | 2 {
  if (share >= 0.1) return 2;
  return share >= 0.02 ? 1 : 0;
}
