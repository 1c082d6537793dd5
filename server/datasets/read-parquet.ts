import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { ReadRow } from '@wheelhouse/core/dataset';
import { type Json, WheelhouseError } from '@wheelhouse/core/records';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';

const rowsAtOnce = 2_000;

const compressors = {
  GZIP: (input: Uint8Array) => new Uint8Array(gunzipSync(input)),
  BROTLI: (input: Uint8Array) => new Uint8Array(brotliDecompressSync(input)),
};

/** Values of a Parquet file as JSON has them. */
function toJson(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (Array.isArray(value)) return value.map(toJson);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toJson(member)]));
}

/** A cell of text that is a JSON object or list is read as such, as in other tables. */
function cell(value: unknown): Json {
  const json = toJson(value);
  if (typeof json !== 'string' || !/^[[{]/.test(json)) return json;
  try {
    return JSON.parse(json) as Json;
  } catch {
    return json;
  }
}

/**
 * Rows of a Parquet file from a number on, in batches. The file is put on disk first, because its table of contents stands
 * at its end.
 * @throws WheelhouseError `invalid_request` when it is none, or is packed in a way that cannot be read
 */
export async function* rowsOfParquet(
  pieces: AsyncIterable<Uint8Array>,
  { from }: { from: number },
): AsyncGenerator<ReadRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'wheelhouse-import-'));
  try {
    const path = join(folder, 'rows.parquet');
    await pipeline(Readable.from(pieces), createWriteStream(path));
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    const total = Number(metadata.num_rows);
    for (let rowStart = from; rowStart < total; rowStart += rowsAtOnce) {
      const rowEnd = Math.min(rowStart + rowsAtOnce, total);
      const rows = await parquetReadObjects({ file, metadata, compressors, rowStart, rowEnd });
      yield rows.map((row, i) => ({
        at: rowStart + i + 1,
        record: Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cell(value)])),
      }));
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.slice(0, 200) : 'unreadable';
    throw new WheelhouseError('invalid_request', `The file cannot be read as Parquet: ${reason}`, { cause });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
