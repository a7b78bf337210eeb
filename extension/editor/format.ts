/** What the editor says of shares, in words. */
import { visible } from '../profile/names';
import type { Freshness } from './stale';

interface Shares {
  readonly total: number;
  readonly self: number;
  readonly atLeast?: boolean;
}

/** "12.3 % CPU · 4.1 % self", "12.3 % CPU · 4.1 % self · stale: file changed since ..." */
export function lensTitle(shares: Shares, freshness: Freshness): string {
  const title = `${percent(shares.total)} % CPU · ${percent(shares.self)} % self`;
  return freshness.kind === 'stale' ? `${title} · stale: ${freshness.why}` : title;
}

/** "plugin rate-limiting: 12.3 % CPU" */
export function pluginTitle(name: string, share: number): string {
  // Titles show icons where the text has their syntax.
  const shown = visible(name, 100).replaceAll('$(', '$\u200b(');
  return `plugin ${shown}: ${percent(share)} % CPU`;
}

/** "12.3 %", and what of it the line took itself where that is not all or nothing. */
export function lineText(shares: Shares): string {
  const total = `${shares.atLeast === true ? '≥ ' : ''}${percent(shares.total)} %`;
  const self = percent(shares.self);
  return self === '0.0' || self === percent(shares.total) ? total : `${total} · ${self} % self`;
}

export function percent(share: number): string {
  return (share * 100).toFixed(1);
}

/** 0 cool, 1 warm, 2 hot. */
export function heat(share: number): 0 | 1 | 2 {
  if (share >= 0.1) return 2;
  return share >= 0.02 ? 1 : 0;
}
