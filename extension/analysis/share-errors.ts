/** How far the shares of a report may be off that was watched in bursts. */
import type { Query } from '../profile/engine';
import { type BurstPart, shareError, type ShareError } from './burst-errors';
import type { Report, ReportRow } from './report';

type Row = Pick<ReportRow, 'kind' | 'name'>;

/** @param parts stretches of the report's time, each with bursts of its own. */
export async function shareErrors(
  report: Report,
  parts: readonly Query[],
  reportOf: (part: Query) => Promise<Report>,
): Promise<(row: Row) => ShareError | undefined> {
  const burstParts: BurstPart[] = [];
  for (const part of parts) {
    const { rows, weight } = await reportOf(part);
    burstParts.push({ weight, weights: new Map(rows.map((row) => [keyOf(row), row.weight])) });
  }
  return (row) => shareError(burstParts, keyOf(row), report.samples);
}

const keyOf = ({ kind, name }: Row) => `${kind} ${name}`;
