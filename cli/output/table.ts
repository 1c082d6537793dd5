import { padEnd, padStart, width } from './text.ts';

export type CellText = { text: string; paint?: (text: string) => string };
export type Align = 'left' | 'right';

/** Lines of a table: columns as wide as their widest cell, two or more spaces between, indented by two, no space at the end. */
export function renderTable(rows: (string | CellText)[][], align: Align[]): string[] {
  const cells = rows.map((row) => row.map((cell): CellText => (typeof cell === 'string' ? { text: cell } : cell)));
  const widths = align.map((_, column) => Math.max(0, ...cells.map((row) => width(row[column]?.text ?? ''))));
  return cells.map((row) => {
    const last = row.findLastIndex((cell) => cell.text !== '');
    const parts = row.slice(0, last + 1).map(({ text, paint }, column) => {
      const columns = widths[column] ?? 0;
      const padded =
        align[column] === 'right' ? padStart(text, columns) : column === last ? text : padEnd(text, columns);
      return paint ? paint(padded) : padded;
    });
    return `  ${parts.join('   ')}`;
  });
}
