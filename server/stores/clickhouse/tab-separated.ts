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
  if (typeof value === 'string') return value === '' ? value : escaped(value);
  if (value === null || value === undefined) return '\\N';
  return typeof value === 'object' ? element(value) : String(value);
}

/** Columns in the order of the INSERT, and rows in ClickHouse's TabSeparated format. */
export type EncodedRows = { columns: readonly string[]; chunks: readonly Buffer[] };

export type RowEncoder = { add(row: { readonly [column: string]: Field }): void; done(): EncodedRows };

const chunkBytes = 256 * 1024;
/** Enough for a few rows, because most inserts have no more. */
const firstChunkBytes = 8 * 1024;
/** Of one UTF-16 code unit. */
const mostBytes = 3;

/**
 * Writes rows as TabSeparated, which costs both sides a fraction of JSON: no names in each row, and JSON texts stay nearly
 * as they are (https://clickhouse.com/docs/interfaces/formats/TabSeparated). Row by row into a few large buffers: the
 * texts of many rows together would be copied once more, and outlive the garbage that they are.
 * @param columns those of the first row when not given; one that a row lacks is NULL, or the column's default
 */
export function createRowEncoder(columns?: readonly string[]): RowEncoder {
  const chunks: Buffer[] = [];
  let names = columns;
  let chunk = Buffer.allocUnsafe(firstChunkBytes);
  let used = 0;
  return {
    add(row) {
      names ??= Object.keys(row);
      let text = '';
      let separator = '';
      for (const column of names) {
        text += separator + field(row[column]);
        separator = '\t';
      }
      text += '\n';
      if (text.length * mostBytes > chunk.length - used) {
        chunks.push(chunk.subarray(0, used));
        chunk = Buffer.allocUnsafe(Math.max(chunkBytes, text.length * mostBytes));
        used = 0;
      }
      used += chunk.write(text, used);
    },
    done: () => ({
      columns: names ?? [],
      chunks: [...chunks, chunk.subarray(0, used)].filter(({ length }) => length > 0),
    }),
  };
}

/** Rows that are encoded before it is asked whether others should go on. */
const rowsAtOnce = 32;

/** All of them have the columns of the first. */
export async function encodeRows(
  rows: readonly { readonly [column: string]: Field }[],
  breathe: Breathe = () => null,
): Promise<EncodedRows> {
  const encoder = createRowEncoder();
  for (const [at, row] of rows.entries()) {
    encoder.add(row);
    const pause = at % rowsAtOnce === rowsAtOnce - 1 ? breathe() : null;
    if (pause !== null) await pause;
  }
  return encoder.done();
}
