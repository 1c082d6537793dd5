import {
  createCsvReader,
  createJsonLinesReader,
  createJsonReader,
  detectEncoding,
  type RowMapping,
  toRow,
} from '@wheelhouse/core/dataset';
import type { Json } from '@wheelhouse/core/records';

export const formats = ['csv', 'jsonl', 'json', 'parquet'] as const;
export type Format = (typeof formats)[number];

const endings: Record<string, Format> = {
  ...{ csv: 'csv', tsv: 'csv', txt: 'csv', jsonl: 'jsonl', ndjson: 'jsonl', json: 'json', parquet: 'parquet' },
};

/** What a file is by its name; packed or not. */
export function formatOf(fileName: string): Format {
  const ending = /\.([a-z]+)(?:\.gz)?$/i.exec(fileName)?.[1]?.toLowerCase() ?? '';
  return endings[ending] ?? 'jsonl';
}

const headBytes = 256 * 1024;
const rowsLookedAt = 20;

/** The beginning of a file, unpacked where it is packed; what is cut off at the end is no error. */
async function headOf(file: Blob): Promise<Uint8Array> {
  const start = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const isPacked = start[0] === 0x1f && start[1] === 0x8b;
  const source = isPacked ? file.stream().pipeThrough(new DecompressionStream('gzip')) : file.stream();
  const reader = source.getReader();
  const pieces: Uint8Array[] = [];
  for (let bytes = 0; bytes < headBytes; ) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    bytes += value.length;
  }
  await reader.cancel();
  const head = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    head.set(piece, at);
    at += piece.length;
  }
  return head.subarray(0, headBytes);
}

const readers = { csv: createCsvReader, jsonl: createJsonLinesReader, json: createJsonReader };

/** The first records of a file, as the server will read them; none of Parquet, which is read there alone. */
export async function firstRecords(file: Blob, format: Format): Promise<Json[]> {
  if (format === 'parquet') return [];
  const head = await headOf(file);
  const text = new TextDecoder(detectEncoding(head)).decode(head);
  const reader = readers[format]();
  reader.push(text);
  if (head.length < headBytes) reader.end();
  return reader
    .take()
    .flatMap((row) => ('record' in row ? [row.record] : []))
    .slice(0, rowsLookedAt);
}

/** Names of fields, in the order they are seen first. */
export function fieldsOf(records: readonly Json[]): string[] {
  const isObject = (record: Json): record is Record<string, Json> =>
    typeof record === 'object' && record !== null && !Array.isArray(record);
  return [...new Set(records.filter(isObject).flatMap((record) => Object.keys(record)))];
}

export const roles = ['input', 'expected', 'metadata', 'tags', 'split', 'weight'] as const;
export type Role = (typeof roles)[number];
/** What each field is; fields without a role are left out. */
export type Roles = Record<string, Role>;

const fieldsWith = (given: Roles, role: Role) => Object.keys(given).filter((field) => given[field] === role);

/** How rows are made of fields; null: by their shape, since nothing is the input. */
function mappingOf(given: Roles): RowMapping | null {
  const input = fieldsWith(given, 'input');
  if (input.length === 0) return null;
  const [tags = null, split = null, weight = null] = [
    ...(['tags', 'split', 'weight'] as const).map((role) => fieldsWith(given, role)[0] ?? null),
  ];
  return {
    input,
    expected: fieldsWith(given, 'expected'),
    metadata: fieldsWith(given, 'metadata'),
    tags,
    split,
    weight,
  };
}

/** As the import takes it; nothing where rows are known by their shape. */
export function queryOf(given: Roles): Record<string, string> {
  if (fieldsWith(given, 'input').length === 0) return {};
  return Object.fromEntries(
    roles.flatMap((role) => {
      const fields = fieldsWith(given, role);
      return fields.length === 0 ? [] : [[role, fields.join(',')]];
    }),
  );
}

export type PreviewRow = { input: Json; expected: Json; error: null } | { error: string };

/** What the first records become. */
export const previewOf = (records: readonly Json[], given: Roles): PreviewRow[] =>
  records.slice(0, 3).map((record) => {
    const made = toRow(record, mappingOf(given));
    return typeof made === 'string'
      ? { error: made }
      : { input: made.row.input, expected: made.row.expected, error: null };
  });
