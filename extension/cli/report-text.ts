/** Rows of a report, by phase: for people and for machines. */
import type { Report, ReportRow } from '../analysis/report';
import { visible } from '../common/outside';
import { tenths } from '../profile/shares';

export function part(weight: number, whole: number): number {
  return whole > 0 ? weight / whole : 0;
}

/** Fractions of all samples, by phase. */
export function phaseShares(report: Report, row: ReportRow): Record<string, number> {
  const shares = report.columns.map(
    (phase, i) => [phase, part(row.cells[i]!, report.weight)] as const,
  );
  return Object.fromEntries(shares.filter(([, share]) => share > 0));
}

/** "access 61.2, log 38.8", in percent of the row. */
export function phasesText(report: Report, row: ReportRow): string {
  if (row.weight === 0) return '';
  const shares = tenths([...row.cells]);
  return report.columns
    .map((phase, i) => [visible(phase, 40), shares[i]!] as const)
    .filter(([, share]) => share > 0)
    .map(([phase, share]) => `${phase} ${(share / 10).toFixed(1)}`)
    .join(', ');
}
