import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import {
  badBytes,
  createCsvReader,
  createJsonLinesReader,
  createJsonReader,
  detectEncoding,
  type Encoding,
  type ReadRow,
  type RowReader,
} from '@wheelhouse/core/dataset';

export const textFormats = ['csv', 'jsonl', 'json'] as const;
export type TextFormat = (typeof textFormats)[number];

const sniffedBytes = 256 << 10;

function readerOf(format: TextFormat, delimiter: string | null): RowReader {
  if (format === 'jsonl') return createJsonLinesReader();
  return format === 'json' ? createJsonReader() : createCsvReader(delimiter === null ? {} : { delimiter });
}

/** Unpacked when it is packed by gzip. */
async function* unpacked(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) return;
  async function* all() {
    yield first.value as Uint8Array;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  }
  if (first.value[0] === 0x1f && first.value[1] === 0x8b) yield* Readable.from(all()).pipe(createGunzip());
  else yield* all();
}

/** The first bytes, from which the encoding is found out, and then all of them. */
async function* withHead(
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ head: Uint8Array | null; bytes: Uint8Array }> {
  let head: Uint8Array[] = [];
  let length = 0;
  let isOpen = true;
  for await (const bytes of pieces) {
    if (isOpen) {
      head.push(bytes);
      length += bytes.length;
      if (length < sniffedBytes) continue;
    }
    const whole = isOpen ? Buffer.concat(head) : bytes;
    yield { head: isOpen ? whole : null, bytes: whole };
    isOpen = false;
    head = [];
  }
  if (isOpen && length > 0) {
    const whole = Buffer.concat(head);
    yield { head: whole, bytes: whole };
  }
}

const unreadable = (encoding: string) =>
  `It has bytes that are no text in ${encoding}; say what the file is written in, for example encoding=windows-1252.`;

/** A row with bytes in it that the encoding, which was found out, has no character for. */
function checked(row: ReadRow, encoding: Encoding): ReadRow {
  if (!('record' in row)) return row;
  return JSON.stringify(row.record).includes(badBytes) ? { at: row.at, error: unreadable(encoding) } : row;
}

/**
 * Rows of a text file, in batches, in memory that does not grow with the file.
 * @param options.encoding null: found out
 */
export async function* rowsOfText(
  pieces: AsyncIterable<Uint8Array>,
  options: { format: TextFormat; delimiter: string | null; encoding: Encoding | null },
): AsyncGenerator<ReadRow[]> {
  const reader = readerOf(options.format, options.delimiter);
  let encoding: Encoding = options.encoding ?? 'utf-8';
  let decoder = new TextDecoder(encoding);
  let hasBad = false;
  const take = (): ReadRow[] => {
    const rows = reader.take();
    const found = hasBad ? rows.map((row) => checked(row, encoding)) : rows;
    return found;
  };
  for await (const { head, bytes } of withHead(unpacked(pieces))) {
    if (head !== null && options.encoding === null) {
      encoding = detectEncoding(head.subarray(0, sniffedBytes));
      decoder = new TextDecoder(encoding);
    }
    const text = decoder.decode(bytes, { stream: true });
    hasBad ||= options.encoding === null && text.includes(badBytes);
    reader.push(text);
    const rows = take();
    if (rows.length > 0) yield rows;
  }
  reader.push(decoder.decode());
  reader.end();
  const rows = take();
  if (rows.length > 0) yield rows;
}
