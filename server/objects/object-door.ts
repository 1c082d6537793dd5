import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { BatchStore, BlobStore, Clock, FileStore, JobQueue, Random } from '@wheelhouse/core/ports';
import {
  type BatchId,
  type Caller,
  type FileId,
  idRandomBytes,
  isJsonObject,
  type JsonObject,
  nanosToMs,
  newId,
  type StoredFile,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { batchBody, blobOf, fileBody, listBody } from './object-bodies.ts';
import { receiveUpload } from './receive-upload.ts';
import { type BatchJob, batchQueue } from './run-batch.ts';

export type ObjectDeps = {
  files: FileStore;
  batches: BatchStore;
  blobs: BlobStore;
  jobs: JobQueue;
  clock: Clock;
  random: Random;
  maxFileBytes: number;
};

type Context = { by: Caller; path: string; readBody(): Promise<Buffer> };
type Handler = (req: IncomingMessage, res: ServerResponse, context: Context, id: string) => Promise<void>;

const purposes = new Set(['assistants', 'batch', 'fine-tune', 'vision', 'user_data', 'evals']);
const batchEndpoints = new Set(['/v1/chat/completions', '/v1/completions', '/v1/responses', '/v1/embeddings']);
const dayMs = 24 * 3600 * 1000;

function sendJson(res: ServerResponse, body: JsonObject): void {
  const text = JSON.stringify(body);
  res.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'x-content-type-options': 'nosniff',
  });
  res.end(text);
}

const wrong = (param: string, message: string, hint?: string) =>
  new WheelhouseError('invalid_request', message, { param, ...(hint === undefined ? {} : { hint }) });

const noFile = (id: string) =>
  new WheelhouseError('not_found', `There is no file \`${id.slice(0, 80)}\`.`, { hint: 'GET /v1/files lists them.' });
const noBatch = (id: string) =>
  new WheelhouseError('not_found', `There is no batch \`${id.slice(0, 80)}\`.`, {
    hint: 'GET /v1/batches lists them.',
  });

const queryOf = (req: IncomingMessage) => new URL(req.url ?? '/', 'http://local').searchParams;

function limitOf(query: URLSearchParams, { most, usual }: { most: number; usual: number }): number {
  const text = query.get('limit');
  if (text === null) return usual;
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return limit;
  throw wrong('limit', `\`limit\` takes a whole number from 1 to ${most}.`);
}

/** `expires_after`: so many seconds after the file was made. */
function expiryOf(fields: ReadonlyMap<string, string>, nowMs: number): string | null {
  const text = fields.get('expires_after[seconds]');
  if (text === undefined) return null;
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 3_600 && seconds <= 2_592_000)
    return new Date(nowMs + seconds * 1000).toISOString();
  throw wrong('expires_after', '`expires_after[seconds]` takes a whole number from 3600 to 2592000.');
}

/** A name that can stand in a header. */
const dispositionOf = (name: string) =>
  `attachment; filename="${name.replace(/[^\w .-]/g, '_').slice(0, 200)}"; filename*=UTF-8''${encodeURIComponent(name)}`;

function metadataOf(value: unknown): JsonObject {
  if (value === undefined || value === null) return {};
  const isFine = isJsonObject(value) && Object.values(value).every((one) => typeof one === 'string');
  if (isFine && Object.keys(value as object).length <= 16) return value as JsonObject;
  throw wrong('metadata', '`metadata` takes up to 16 texts by name.');
}

type Route = { method: string; path: RegExp; handler: Handler };
type Clocked = {
  nowMs(): number;
  newObjectId<P extends 'file' | 'batch'>(prefix: P): P extends 'file' ? FileId : BatchId;
};
type FindFile = (by: Caller, id: string) => Promise<StoredFile>;

function fileRoutes(deps: ObjectDeps, { nowMs, newObjectId }: Clocked): { routes: Route[]; fileOf: FindFile } {
  const { files, blobs } = deps;

  async function fileOf(by: Caller, id: string): Promise<StoredFile> {
    const file = await files.get(by.project, id as FileId);
    if (file && (file.expiresAt === null || Date.parse(file.expiresAt) > nowMs())) return file;
    throw noFile(id);
  }

  const uploadFile: Handler = async (req, res, { by }) => {
    const id = newObjectId('file');
    const blob = blobOf(by.project, id);
    const upload = await receiveUpload(req, { blobs, blob, maxBytes: deps.maxFileBytes });
    try {
      const purpose = upload.fields.get('purpose') ?? '';
      if (!purposes.has(purpose))
        throw wrong(
          'purpose',
          `\`purpose\` is ${purpose === '' ? 'missing' : 'unknown'}.`,
          `One of ${[...purposes].join(', ')}.`,
        );
      const { name, bytes, sha256 } = upload;
      const expiresAt = expiryOf(upload.fields, nowMs());
      sendJson(res, fileBody(await files.create(by, { id, name, purpose, bytes, sha256, expiresAt })));
    } catch (error) {
      await blobs.remove(blob).catch(() => {});
      throw error;
    }
  };

  const listFiles: Handler = async (req, res, { by }) => {
    const query = queryOf(req);
    const limit = limitOf(query, { most: 10_000, usual: 10_000 });
    const [after, purpose, order] = [query.get('after'), query.get('purpose'), query.get('order')];
    const found = await files.list(by.project, {
      limit: limit + 1,
      order: order === 'asc' ? 'asc' : 'desc',
      ...(after === null ? {} : { after: after as FileId }),
      ...(purpose === null ? {} : { purpose }),
    });
    sendJson(res, listBody(found.slice(0, limit).map(fileBody), found.length > limit));
  };

  const removeFile: Handler = async (_, res, { by }, id) => {
    if (!(await files.remove(by, id as FileId))) throw noFile(id);
    await blobs.remove(blobOf(by.project, id));
    sendJson(res, { id, object: 'file', deleted: true });
  };

  const describeFile: Handler = async (_, res, { by }, id) => sendJson(res, fileBody(await fileOf(by, id)));

  const readFile: Handler = async (_, res, { by }, id) => {
    const file = await fileOf(by, id);
    const content = await blobs.get(blobOf(by.project, id));
    if (!content) throw noFile(id);
    res.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': file.bytes,
      'content-disposition': dispositionOf(file.name),
      'x-content-type-options': 'nosniff',
    });
    // A caller who leaves in the middle is no fault.
    await pipeline(Readable.from(content), res).catch(() => res.destroy());
  };

  const routes: Route[] = [
    { method: 'POST', path: /^\/v1\/files$/, handler: uploadFile },
    { method: 'GET', path: /^\/v1\/files$/, handler: listFiles },
    { method: 'GET', path: /^\/v1\/files\/([\w-]+)$/, handler: describeFile },
    { method: 'DELETE', path: /^\/v1\/files\/([\w-]+)$/, handler: removeFile },
    { method: 'GET', path: /^\/v1\/files\/([\w-]+)\/content$/, handler: readFile },
  ];
  return { routes, fileOf };
}

function batchRoutes(deps: ObjectDeps, { nowMs, newObjectId, fileOf }: Clocked & { fileOf: FindFile }): Route[] {
  const { batches } = deps;

  const createBatch: Handler = async (_, res, { by, readBody }) => {
    const body: unknown = await readBody().then((bytes) => {
      try {
        return JSON.parse(bytes.toString('utf8'));
      } catch (cause) {
        throw new WheelhouseError('invalid_json', 'The request body is not JSON.', { cause });
      }
    });
    if (!isJsonObject(body)) throw new WheelhouseError('invalid_json', 'The request body is not a JSON object.');
    const { endpoint, input_file_id: inputFileId, completion_window: completionWindow } = body;
    if (typeof endpoint !== 'string' || !batchEndpoints.has(endpoint))
      throw wrong('endpoint', '`endpoint` cannot be called in batches.', `One of ${[...batchEndpoints].join(', ')}.`);
    if (completionWindow !== '24h') throw wrong('completion_window', '`completion_window` takes "24h".');
    if (typeof inputFileId !== 'string') throw wrong('input_file_id', '`input_file_id` takes the id of a file.');
    const input = await fileOf(by, inputFileId).catch(() => null);
    if (input?.purpose !== 'batch')
      throw wrong(
        'input_file_id',
        `There is no file \`${inputFileId.slice(0, 80)}\` of purpose \`batch\`.`,
        'Upload it with POST /v1/files first.',
      );
    const metadata = metadataOf(body.metadata);
    const id = newObjectId('batch');
    const expiresAt = new Date(nowMs() + dayMs).toISOString();
    const batch = await batches.create(by, { id, endpoint, inputFileId: input.id, metadata, expiresAt });
    await deps.jobs.enqueue(batchQueue, { by, id } satisfies BatchJob);
    sendJson(res, batchBody(batch));
  };

  const listBatches: Handler = async (req, res, { by }) => {
    const query = queryOf(req);
    const limit = limitOf(query, { most: 100, usual: 20 });
    const after = query.get('after');
    const page = { limit: limit + 1, ...(after === null ? {} : { after: after as BatchId }) };
    const found = await batches.list(by.project, page);
    sendJson(res, listBody(found.slice(0, limit).map(batchBody), found.length > limit));
  };

  const readBatch: Handler = async (_, res, { by }, id) => {
    const batch = await batches.get(by.project, id as BatchId);
    if (!batch) throw noBatch(id);
    sendJson(res, batchBody(batch));
  };

  const cancelBatch: Handler = async (_, res, { by }, id) => {
    const batch = await batches.cancel(by, id as BatchId);
    if (!batch) throw noBatch(id);
    sendJson(res, batchBody(batch));
  };

  return [
    { method: 'POST', path: /^\/v1\/batches$/, handler: createBatch },
    { method: 'GET', path: /^\/v1\/batches$/, handler: listBatches },
    { method: 'GET', path: /^\/v1\/batches\/([\w-]+)$/, handler: readBatch },
    { method: 'POST', path: /^\/v1\/batches\/([\w-]+)\/cancel$/, handler: cancelBatch },
  ];
}

/** OpenAI's files and batches: `/v1/files`, `/v1/batches`. */
export function createObjectDoor(deps: ObjectDeps) {
  const nowMs = () => nanosToMs(deps.clock.now());
  const clocked: Clocked = {
    nowMs,
    newObjectId: (prefix) => newId(prefix, nowMs(), deps.random.bytes(idRandomBytes)) as never,
  };
  const { routes: ofFiles, fileOf } = fileRoutes(deps, clocked);
  const routes = [...ofFiles, ...batchRoutes(deps, { ...clocked, fileOf })];

  return {
    serves: (path: string): boolean => /^\/v1\/(?:files|batches)(?:\/|$)/.test(path),
    async handle(req: IncomingMessage, res: ServerResponse, context: Context): Promise<void> {
      const here = routes.filter(({ path }) => path.test(context.path));
      const route = here.find(({ method }) => method === req.method);
      if (route) return route.handler(req, res, context, route.path.exec(context.path)?.[1] ?? '');
      if (here.length > 0)
        throw new WheelhouseError('method_not_allowed', `${context.path} does not take ${req.method}.`, {
          hint: `Send ${here.map(({ method }) => method).join(' or ')}.`,
        });
      throw new WheelhouseError('not_found', `There is no ${context.path} here.`);
    },
  };
}
