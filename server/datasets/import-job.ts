import { type Encoding, encodings, type ReadRow, type RowMapping, toRow } from '@wheelhouse/core/dataset';
import type { BlobStore } from '@wheelhouse/core/ports';
import {
  type Actor,
  type DatasetJob,
  isJsonObject,
  type JsonObject,
  parseSpanId,
  parseTraceId,
  type RowProblem,
  WheelhouseError,
} from '@wheelhouse/core/records';
import type { JobKind, JobRun } from './dataset-worker.ts';
import type { IncomingRow } from './keep-rows.ts';
import { rowsOfText, type TextFormat, textFormats } from './read-file.ts';
import { rowsOfParquet } from './read-parquet.ts';

export type ImportParams = {
  format: TextFormat | 'parquet';
  mapping: RowMapping | null;
  delimiter: string | null;
  encoding: Encoding | null;
  /** Rows that the draft has are passed over. */
  unique: boolean;
  bytes: number;
};

/** Rows that are added together, and about as many characters. */
const batchRows = 1_000;
const batchCharacters = 4 << 20;

export const uploadOf = ({ project }: Actor, id: string): string => `${project}/datasets/${id}/upload`;

const listOf = (text: string | null): string[] =>
  (text ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

function mappingOf(query: URLSearchParams): RowMapping | null {
  const names = ['input', 'expected', 'metadata', 'tags', 'split', 'weight'] as const;
  if (names.every((name) => !query.has(name))) return null;
  const input = listOf(query.get('input'));
  if (input.length === 0)
    throw new WheelhouseError('invalid_request', 'Fields are named, and none is the input.', {
      param: 'input',
      hint: 'Say which field of the file is the input, for example input=question; or name no field at all.',
    });
  return {
    ...{ input, expected: listOf(query.get('expected')), metadata: listOf(query.get('metadata')) },
    ...{ tags: query.get('tags'), split: query.get('split'), weight: query.get('weight') },
  };
}

const among = <Value extends string>(values: readonly Value[], text: string | null): Value | undefined =>
  values.find((value) => value === text);

/** @throws WheelhouseError `invalid_request` */
export function importParams(query: URLSearchParams): Omit<ImportParams, 'bytes'> {
  const format = among([...textFormats, 'parquet'], query.get('format') ?? 'jsonl');
  if (format === undefined)
    throw new WheelhouseError('invalid_request', `\`${query.get('format')?.slice(0, 40)}\` is no format of rows.`, {
      param: 'format',
      hint: 'There are csv, jsonl, json and parquet; rows of OpenAI, Langfuse and LangSmith are known by their shape.',
    });
  const given = query.get('encoding')?.toLowerCase().replace('latin1', 'windows-1252') ?? null;
  const encoding = given === null ? null : among(encodings, given);
  if (encoding === undefined)
    throw new WheelhouseError('invalid_request', `\`${given?.slice(0, 40)}\` is no encoding that can be read.`, {
      param: 'encoding',
      hint: `There are ${encodings.join(', ')}; left out, it is found out.`,
    });
  const delimiter = query.get('delimiter')?.replace('tab', '\t') ?? null;
  if (delimiter !== null && delimiter.length !== 1)
    throw new WheelhouseError('invalid_request', 'A delimiter is one character, or `tab`.', { param: 'delimiter' });
  return { format, mapping: mappingOf(query), delimiter, encoding, unique: query.get('unique') === 'true' };
}

function sourceOf(trace: { traceId: string; spanId: string } | null): IncomingRow['source'] {
  const [traceId, spanId] = trace ? [parseTraceId(trace.traceId), parseSpanId(trace.spanId)] : [null, null];
  return traceId && spanId ? { traceId, spanId } : null;
}

type Read = { rows: IncomingRow[]; refused: RowProblem[]; looked: number; characters: number };

function take(read: Read, found: ReadRow, mapping: RowMapping | null): void {
  read.looked++;
  const mapped = 'error' in found ? found.error : toRow(found.record, mapping);
  if (typeof mapped === 'string') read.refused.push({ at: found.at, error: mapped });
  else {
    read.rows.push({ ...mapped.row, at: found.at, source: sourceOf(mapped.trace) });
    read.characters += 'record' in found && isJsonObject(found.record) ? sizeOf(found.record) : 100;
  }
}

/** About how many characters there are; close enough to bound what is held. */
function sizeOf(record: JsonObject): number {
  let size = 0;
  for (const value of Object.values(record))
    size += typeof value === 'string' ? value.length : typeof value === 'object' ? JSON.stringify(value).length : 8;
  return size;
}

/** Reads an uploaded file into the draft, batch by batch; what was read before a stop is passed over. */
export function createImportJob({ blobs }: { blobs: Pick<BlobStore, 'get' | 'removeAll'> }): JobKind {
  async function run({ by, ledger, signal }: JobRun): Promise<null> {
    const params = ledger.job.params as unknown as ImportParams;
    const pieces = await blobs.get(uploadOf(by, ledger.job.id));
    if (pieces === null) throw new WheelhouseError('conflict', 'The uploaded file is gone; send it again.');
    const before = ledger.progress().read;
    const isParquet = params.format === 'parquet';
    const batches =
      params.format === 'parquet'
        ? rowsOfParquet(pieces, { from: before })
        : rowsOfText(pieces, { ...params, format: params.format });
    let passed = isParquet ? before : 0;
    const nothing = (): Read => ({ rows: [], refused: [], looked: 0, characters: 0 });
    let read = nothing();
    const flush = async () => {
      const { rows, refused, looked } = read;
      if (looked > 0) await ledger.add({ read: async () => ({ rows, refused }), looked, unique: params.unique });
      read = nothing();
      if (signal.aborted) throw signal.reason;
    };
    for await (const found of batches)
      for (const one of found) {
        if (passed++ < before && !isParquet) continue;
        take(read, one, params.mapping);
        if (read.looked >= batchRows || read.characters >= batchCharacters) await flush();
      }
    await flush();
    await ledger.note({ total: ledger.progress().read });
    return null;
  }
  return {
    run,
    clear: async (by: Actor, job: DatasetJob) => blobs.removeAll(uploadOf(by, job.id).replace(/\/upload$/, '')),
  };
}
