import type { Breathe } from '@wheelhouse/core/ports';
/** A value of a row: text, number, flag or null, a list of them, or a map with text keys. */
export type Field = string | number | bigint | boolean | null | readonly Field[] | { readonly [key: string]: Field };

const special = /[\\\t\n\r\0]/;
const escapes: Record<string, string> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\0': '\\0',
  "'": "\\'",
};

const escaped = (text: string): string =>
  special.test(text) ? text.replace(/[\\\t\n\r\0]/g, (char) => escapes[char] ?? char) : text;
const quoted = (text: string): string => `'${text.replace(/[\\\t\n\r\0']/g, (char) => escapes[char] ?? char)}'`;

/** Inside of a list or a map. */
function element(value: Field): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object') return String(value);
  if (value === null) return 'NULL';
  if (Array.isArray(value)) return `[${value.map(element).join(',')}]`;
  return `{${Object.entries(value)
    .map(([key, member]) => `${quoted(key)}:${element(member)}`)
    .join(',')}}`;
}

function field(value: Field | undefined): string {
  if (typeof value === 'string') return escaped(value);
  if (value === null || value === undefined) return '\\N';
  return typeof value === 'object' ? element(value) : String(value);
}

/** Rows that are encoded before it is asked whether others should go on. */
const rowsAtOnce = 32;

/** The same text piece by piece, so that many rows hold nobody up. */
export async function* encodeInPieces<Column extends string>(
  columns: readonly Column[],
  rows: readonly { readonly [C in Column]?: Field }[],
  breathe: Breathe,
): AsyncGenerator<string> {
  for (let at = 0; at < rows.length; at += rowsAtOnce) {
    yield encodeRows(columns, rows.slice(at, at + rowsAtOnce));
    const pause = breathe();
    if (pause !== null) await pause;
  }
}

/**
 * Rows in ClickHouse's TabSeparated format, which costs both sides a fraction of JSON: no names in each row, and JSON
 * texts stay nearly as they are (https://clickhouse.com/docs/interfaces/formats/TabSeparated).
 * @param columns of every row, in the order of the INSERT; one that a row lacks is NULL, or the column's default
 */
export function encodeRows<Column extends string>(
  columns: readonly Column[],
  rows: readonly { readonly [C in Column]?: Field }[],
): string {
  let text = '';
  for (const row of rows) {
    let separator = '';
    for (const column of columns) {
      text += separator + field(row[column]);
      separator = '\t';
    }
    text += '\n';
  }
  return text;
}
