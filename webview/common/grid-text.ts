/** Tables as text: cells between tabs, as spreadsheets and chats take them. */
import type { GridColumn, GridRow } from './grid';

export function gridText<R extends GridRow>(
  columns: readonly GridColumn<R>[],
  rows: readonly R[],
): string {
  const cells = rows.map((row) => columns.map((column) => column.text(row)));
  return linesText([columns.map(({ title }) => title), ...cells]);
}

export function linesText(lines: readonly (readonly string[])[]): string {
  return `${lines.map((cells) => cells.map(cellText).join('\t')).join('\n')}\n`;
}

/** Names come from the target: none is to be taken for a formula, or for two cells. */
function cellText(text: string): string {
  const plain = text.replace(/\s+/g, ' ');
  return /^[=+@]|^-./.test(plain) ? `'${plain}` : plain;
}
