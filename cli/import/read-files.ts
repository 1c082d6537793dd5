import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join, relative, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { text as readText } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import {
  createCsvReader,
  createJsonLinesReader,
  createJsonReader,
  type ReadRow,
  type RowReader,
} from '@wheelhouse/core/dataset';
import { isJsonObject, type Json, type JsonObject, parseExactJson } from '@wheelhouse/core/records';
import { UsageError } from '../output/exit-codes.ts';

/** `shown` is how problems name it. */
export type ExportFile = { path: string; shown: string; format: 'json' | 'jsonl' | 'csv' | 'yaml' };

const formats: Record<string, ExportFile['format']> = {
  '.json': 'json',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.csv': 'csv',
  '.yaml': 'yaml',
  '.yml': 'yaml',
};

/** JSON of one value is read whole up to this size; a larger file is read as the list in it. */
const wholeBytes = 64 << 20;

function fileAt(path: string, shown: string): ExportFile | null {
  const format = formats[extname(path.replace(/\.gz$/, '')).toLowerCase()];
  return format === undefined ? null : { path, shown, format };
}

/** Files of exports among what was named, folders with all that is below them; in the order of their names. */
export async function findExports(what: readonly string[], cwd: string): Promise<ExportFile[]> {
  const found: ExportFile[] = [];
  for (const named of what) {
    const path = resolve(cwd, named);
    const about = await stat(path).catch(() => {
      throw new UsageError(`There is no ${named}.`, 'Name the files or folders of the export.');
    });
    if (!about.isDirectory()) {
      const file = fileAt(path, named);
      if (file === null)
        throw new UsageError(
          `What \`${named}\` holds is not clear from its name.`,
          'JSON, JSON Lines, CSV and YAML are read, packed with gzip or not.',
        );
      found.push(file);
      continue;
    }
    const below = await readdir(path, { recursive: true, withFileTypes: true });
    const files = below
      .filter((one) => one.isFile())
      .map((one) => join(one.parentPath, one.name))
      .filter((one) => !/[\\/](?:\.git|node_modules)[\\/]/.test(one))
      .sort();
    for (const one of files) {
      const file = fileAt(one, join(basename(named), relative(path, one)));
      if (file !== null) found.push(file);
    }
  }
  if (found.length === 0)
    throw new UsageError(
      'There is no file of an export.',
      'JSON, JSON Lines, CSV and YAML are read, packed with gzip or not.',
    );
  return found;
}

function openText({ path }: Pick<ExportFile, 'path'>): Readable {
  const bytes = createReadStream(path);
  if (!path.endsWith('.gz')) return bytes.setEncoding('utf8');
  const unpacked = createGunzip();
  bytes.on('error', (error) => unpacked.destroy(error));
  return bytes.pipe(unpacked).setEncoding('utf8');
}

async function* readWith(file: ExportFile, reader: RowReader): AsyncGenerator<ReadRow> {
  let isFirst = true;
  for await (const piece of openText(file)) {
    reader.push(isFirst ? String(piece).replace(/^\uFEFF/, '') : String(piece));
    isFirst = false;
    yield* reader.take();
  }
  reader.end();
  yield* reader.take();
}

async function* readJson(file: ExportFile): AsyncGenerator<ReadRow> {
  const most = file.path.endsWith('.gz') ? wholeBytes / 8 : wholeBytes;
  if ((await stat(file.path)).size > most) {
    yield* readWith(file, createJsonReader());
    return;
  }
  const text = (await readText(openText(file))).replace(/^\uFEFF/, '');
  let value: Json;
  try {
    value = parseExactJson(text);
  } catch {
    // Lines of JSON are often called .json; if they are none, the reader says so.
    yield* readWith(file, text.trimStart().startsWith('[') ? createJsonReader() : createJsonLinesReader());
    return;
  }
  const all = Array.isArray(value) ? value : [value];
  for (const [i, record] of all.entries()) yield { at: i + 1, record };
}

function readRecords(file: ExportFile): AsyncGenerator<ReadRow> {
  if (file.format === 'json') return readJson(file);
  return readWith(file, file.format === 'csv' ? createCsvReader({}) : createJsonLinesReader());
}

/** Columns of a table hold JSON as text. */
function parsedCells(record: JsonObject): JsonObject {
  const parsed = (value: Json): Json => {
    if (typeof value !== 'string' || !/^\s*(?:[[{"]|true$|false$|null$|-?\d)/.test(value)) return value;
    try {
      return parseExactJson(value);
    } catch {
      return value;
    }
  };
  const jsonColumns = /input|output|metadata|tags|inputs|outputs|score|value|categories/i;
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, jsonColumns.test(name) ? parsed(value) : value]),
  );
}

const deepest = 4;

/** Records that the reader knows: a value itself, or what stands in it, such as the `data` of a page. */
function* knownIn(value: Json, knows: (record: JsonObject) => boolean, depth = 0): Generator<JsonObject> {
  if (Array.isArray(value)) for (const one of value) yield* knownIn(one, knows, depth);
  else if (isJsonObject(value)) {
    if (knows(value)) yield value;
    else if (depth < deepest)
      for (const inside of Object.values(value))
        if (typeof inside === 'object' && inside !== null) yield* knownIn(inside, knows, depth + 1);
  }
}

export type Found = { at: number; record: JsonObject } | { at: number; error: string };

/** What a file holds that the reader knows; what it does not is told, and reading goes on. */
export async function* readExport(file: ExportFile, knows: (record: JsonObject) => boolean): AsyncGenerator<Found> {
  for await (const found of readRecords(file)) {
    if ('error' in found) {
      yield found;
      continue;
    }
    const { at } = found;
    const record = file.format === 'csv' && isJsonObject(found.record) ? parsedCells(found.record) : found.record;
    let count = 0;
    for (const known of knownIn(record, knows)) {
      count++;
      yield { at, record: known };
    }
    const isEmptyPage =
      isJsonObject(record) && Object.values(record).some((one) => Array.isArray(one) && one.length === 0);
    if (count === 0 && !isEmptyPage) {
      const names = isJsonObject(record) ? Object.keys(record).slice(0, 6).join(', ') : typeof record;
      yield { at, error: `It is nothing that is known: ${names}` };
    }
  }
}
