/** The table as text: cells between tabs, as spreadsheets and chats take them. */
import { tenths } from '../../../extension/profile/shares';
import { linesText } from '../../common/grid-text';
import type { ReportMessage } from '../../../extension/page/messages';
import { columnsOf } from './columns';

/** All that the table shows but its lines of trend, rows in the order of the report. */
export function tableText(report: ReportMessage): string {
  const shares = tenths(report.entries.map(({ weight }) => weight));
  const sum = shares.reduce((all, share) => all + share, 0);
  const columns = columnsOf(report, sum).filter(({ id }) => id !== 'trend');
  const lines = [
    columns.map(({ title }) => title),
    ...report.entries.map((entry, i) => columns.map((column) => column.text(entry, shares[i]!))),
    columns.map((column) => column.sum()),
  ];
  return linesText(lines);
}
