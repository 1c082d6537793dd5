import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { cellsOf, csvLine, type LineFormat, lineFormats, shapeOf, tableColumns } from '@wheelhouse/core/dataset';
import type { BlobStore } from '@wheelhouse/core/ports';
import { type Actor, type Example, type JsonObject, WheelhouseError } from '@wheelhouse/core/records';
import { jobBody } from './bodies.ts';
import { type JobDeps, newJobId, startJob } from './dataset-worker.ts';
import { importParams, uploadOf } from './import-job.ts';
import { findDataset } from './keep-rows.ts';
import { pagesOf, type ReadDeps, versionOf } from './read-examples.ts';

/** Writes an Apache Parquet file in pieces. */
export type ParquetStream = {
  group(rows: readonly (readonly (string | null)[])[]): Uint8Array;
  end(): Uint8Array;
};

export type FileDeps = Omit<JobDeps, 'log'> &
  ReadDeps & {
    blobs: Pick<BlobStore, 'put' | 'removeAll'>;
    /** Of an uploaded file. */
    maxBytes: number;
    parquet(columns: readonly { name: string; type: 'text' }[]): ParquetStream;
  };

type Context = { by: Actor; path: string };

const filePath = /^\/api\/v1\/datasets\/([^/]+)\/(import|export)$/;

/** What of the paths of datasets takes or gives files. */
export function datasetFileOf(path: string): { name: string; verb: 'import' | 'export' } | null {
  const [, name, verb] = filePath.exec(path) ?? [];
  return name === undefined ? null : { name: decodeURIComponent(name), verb: verb as 'import' | 'export' };
}

const queryOf = (req: IncomingMessage) => new URL(req.url ?? '/', 'http://localhost').searchParams;

async function* upTo(content: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const piece of content) {
    bytes += piece.length;
    if (bytes > maxBytes)
      throw new WheelhouseError(
        'body_too_large',
        `The file is larger than ${maxBytes.toLocaleString('en-US')} bytes.`,
        {
          hint: 'Send it in parts, packed with gzip, or raise limits.fileBytes in wheelhouse.config.',
        },
      );
    yield piece;
  }
}

async function receive(deps: FileDeps, req: IncomingMessage, given: { by: Actor; name: string }) {
  const { by, name } = given;
  const params = importParams(queryOf(req));
  await findDataset(deps, by.project, name);
  const id = newJobId(deps);
  const { bytes } = await deps.blobs.put(uploadOf(by, id), upTo(req, deps.maxBytes));
  const asked = { ...params, bytes } as unknown as JsonObject;
  return startJob(deps, by, { id, dataset: name, kind: 'import', params: asked });
}

const types: Record<string, { type: string; ending: string }> = {
  csv: { type: 'text/csv; charset=utf-8', ending: 'csv' },
  json: { type: 'application/json', ending: 'json' },
  parquet: { type: 'application/vnd.apache.parquet', ending: 'parquet' },
  ...Object.fromEntries(lineFormats.map((format) => [format, { type: 'application/x-ndjson', ending: 'jsonl' }])),
};

const living = (rows: Example[]) => rows.filter(({ erasedAt }) => erasedAt === null);

async function* linesOf(pages: AsyncIterable<Example[]>, format: LineFormat): AsyncGenerator<string> {
  for await (const page of pages) {
    const shaped = living(page).flatMap((row) => shapeOf(format, row) ?? []);
    yield shaped.map((row) => `${JSON.stringify(row)}\n`).join('');
  }
}

async function* jsonOf(pages: AsyncIterable<Example[]>): AsyncGenerator<string> {
  let between = '[';
  for await (const page of pages)
    for (const row of living(page)) {
      yield `${between}\n${JSON.stringify(shapeOf('jsonl', row))}`;
      between = ',';
    }
  yield between === '[' ? '[]\n' : '\n]\n';
}

async function* csvOf(pages: AsyncIterable<Example[]>): AsyncGenerator<string> {
  yield csvLine(tableColumns);
  for await (const page of pages)
    yield living(page)
      .map((row) => csvLine(cellsOf(row)))
      .join('');
}

async function* parquetOf(pages: AsyncIterable<Example[]>, deps: FileDeps): AsyncGenerator<Uint8Array> {
  const stream = deps.parquet(tableColumns.map((name) => ({ name, type: 'text' })));
  for await (const page of pages) {
    const group = stream.group(living(page).map(cellsOf));
    if (group.length > 0) yield group;
  }
  yield stream.end();
}

function writerOf(deps: FileDeps, format: string, pages: AsyncIterable<Example[]>) {
  if (format === 'csv') return csvOf(pages);
  if (format === 'json') return jsonOf(pages);
  if (format === 'parquet') return parquetOf(pages, deps);
  return linesOf(pages, format as LineFormat);
}

async function send(res: ServerResponse, pieces: AsyncIterable<string | Uint8Array>): Promise<void> {
  const gone = new AbortController();
  res.once('close', () => gone.abort());
  try {
    for await (const piece of pieces) {
      if (gone.signal.aborted) return;
      if (piece.length > 0 && !res.write(piece)) await once(res, 'drain', { signal: gone.signal });
    }
    res.end();
  } catch (error) {
    if (gone.signal.aborted) return;
    // The head is sent: a connection that breaks is the only way left to say that the file is not whole.
    res.destroy();
    throw error;
  }
}

async function give(deps: FileDeps, given: { req: IncomingMessage; res: ServerResponse; by: Actor; name: string }) {
  const { req, res, by, name } = given;
  const query = queryOf(req);
  const format = query.get('format') ?? 'jsonl';
  const kind = Object.hasOwn(types, format) ? types[format] : undefined;
  if (kind === undefined)
    throw new WheelhouseError('invalid_request', `\`${format.slice(0, 40)}\` is no format of a dataset.`, {
      param: 'format',
      hint: `There are ${Object.keys(types).join(', ')}.`,
    });
  const dataset = await findDataset(deps, by.project, name);
  const asked = query.get('version');
  const version = versionOf(dataset, asked === null ? undefined : /^\d+$/.test(asked) ? Number(asked) : asked);
  const where = { split: query.get('split'), tag: query.get('tag') };
  res.writeHead(200, {
    'content-type': kind.type,
    'content-disposition': `attachment; filename="${name}${version === null ? '' : `-${version}`}.${kind.ending}"`,
    'cache-control': 'no-store',
  });
  await send(res, writerOf(deps, format, pagesOf(deps, { project: by.project, name, version, where })));
}

/** Files of rows: `POST …/import` takes one and answers with the job that reads it, `GET …/export` gives one. */
export function createFileDoor(deps: FileDeps) {
  return async (req: IncomingMessage, res: ServerResponse, { by, path }: Context): Promise<void> => {
    const file = datasetFileOf(path);
    if (file === null) throw new WheelhouseError('not_found', `There is no ${path} here.`);
    const wanted = file.verb === 'import' ? 'POST' : 'GET';
    if (req.method !== wanted) throw new WheelhouseError('method_not_allowed', `${path} does not take ${req.method}.`);
    if (file.verb === 'export') return give(deps, { req, res, by, name: file.name });
    const job = await receive(deps, req, { by, name: file.name });
    const text = JSON.stringify(jobBody(job));
    res.writeHead(202, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    res.end(text);
  };
}
