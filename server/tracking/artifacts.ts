import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Actor, type JsonObject, type TrackedRun, WheelhouseError } from '@wheelhouse/core/records';
import type { MlflowCalls, TrackingDeps } from './deps.ts';
import { textOf, textOr } from './fields.ts';
import { notServed, wrong } from './mlflow-error.ts';

/** What begins so is on this server. */
const here = 'mlflow-artifacts:/';
const mostPath = 1_000;

function safePath(text: string): string {
  let path: string;
  try {
    path = decodeURIComponent(text);
  } catch {
    throw wrong(`Invalid path: ${text}`);
  }
  return safeText(path);
}

/** A path below a folder, without a way out of it. */
function safeText(path: string): string {
  const parts = path.split('/');
  const isSafe = parts.every((part) => part !== '' && part !== '.' && part !== '..') && !/[\0\\]/.test(path);
  if (isSafe && path.length <= mostPath) return path;
  throw wrong(`Invalid path: ${path.slice(0, 200)}`);
}

/** Where the artifacts of a run are, among all; null: not on this server. */
export const artifactRoot = ({ artifactUri }: Pick<TrackedRun, 'artifactUri'>): string | null =>
  artifactUri.startsWith(here) ? artifactUri.slice(here.length).replace(/^\/+/, '') : null;

const fileBody = (prefix: string, { name, bytes }: { name: string; bytes: number | null }): JsonObject => ({
  path: `${prefix}${name}`,
  is_dir: bytes === null,
  ...(bytes !== null && { file_size: bytes }),
});

const filesBody = (files: JsonObject[]): JsonObject => (files.length === 0 ? {} : { files });

/** A name that can stand in a header. */
const dispositionOf = (name: string) =>
  `attachment; filename="${name.replace(/[^\w .-]/g, '_').slice(0, 200)}"; filename*=UTF-8''${encodeURIComponent(name)}`;

async function* upTo(content: IncomingMessage, maxBytes: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  // Otherwise whoever sends too much would lose the connection before it hears why.
  for await (const chunk of content.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes)
      throw new WheelhouseError('body_too_large', `The artifact is larger than ${maxBytes} bytes.`, {
        hint: 'Log it in smaller files, or raise limits.fileBytes in wheelhouse.config.',
      });
    yield chunk;
  }
}

const removedAtOnce = 500;

/** What becomes of files of runs: `mlflow-artifacts:` of MLflow, kept as blobs. */
export function createArtifacts({ store, blobs, random, maxFileBytes }: TrackingDeps) {
  /** Files belong to runs, so that they go with them. */
  async function checkOwner(by: Actor, path: string): Promise<void> {
    const [, runId = ''] = path.split('/');
    const run = await store.run(by.project, runId);
    const root = run && artifactRoot(run);
    if (!root || !path.startsWith(`${root}/`))
      throw wrong(`'${path}' is no artifact of a run. Artifacts go below the artifact_uri of a run.`);
    if (run.stage !== 'active')
      throw wrong(`The run ${runId} must be in the 'active' state. Current state is ${run.stage}.`);
  }

  async function upload(req: IncomingMessage, by: Actor, path: string): Promise<void> {
    await checkOwner(by, path);
    const blob = `${by.project}/tracking/${Buffer.from(random.bytes(16)).toString('hex')}`;
    try {
      const { bytes } = await blobs.put(blob, upTo(req, maxFileBytes));
      const before = await store.putArtifact(by, { path, blob, bytes });
      if (before) await blobs.remove(before.blob);
    } catch (error) {
      const isCut = req.destroyed && !req.complete;
      req.resume();
      await blobs.remove(blob).catch(() => {});
      throw isCut ? wrong(`'${path}' did not arrive whole.`) : error;
    }
  }

  async function download(res: ServerResponse, by: Actor, path: string): Promise<void> {
    const found = await store.artifact(by.project, path);
    const content = found && (await blobs.get(found.blob));
    if (!found || !content) throw new WheelhouseError('not_found', `No such artifact: '${path}'`);
    res.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': found.bytes,
      'content-disposition': dispositionOf(path.split('/').at(-1) ?? 'artifact'),
    });
    // A caller who leaves in the middle is no fault.
    await pipeline(Readable.from(content), res).catch(() => res.destroy());
  }

  async function remove(by: Actor, path: string): Promise<void> {
    for (;;) {
      const some = await store.artifactsUnder(by.project, path, removedAtOnce);
      if (some.length === 0) return;
      // The blobs first: what is cut off in the middle is found again by its path.
      for (const { blob } of some) await blobs.remove(blob);
      await store.removeArtifacts(
        by,
        some.map((one) => one.path),
      );
    }
  }

  const list = async (by: Actor, folder: string, prefix = '') =>
    (await store.listArtifacts(by.project, folder)).map((entry) => fileBody(prefix, entry));

  const calls: MlflowCalls = {
    async 'GET /artifacts/list'(by, body) {
      const id = textOr(body, 'run_id') || textOf(body, 'run_uuid', 'run_id');
      const run = await store.run(by.project, id);
      if (!run) throw new WheelhouseError('not_found', `Run with id=${id} not found`);
      const root = artifactRoot(run);
      if (root === null)
        throw wrong(`The artifacts of this run are at ${run.artifactUri}, where Wheelhouse does not read.`);
      const path = textOr(body, 'path') ?? '';
      const folder = path === '' ? root : `${root}/${safeText(path)}`;
      return { root_uri: run.artifactUri, ...filesBody(await list(by, folder, path === '' ? '' : `${path}/`)) };
    },
  };

  /** `/artifacts` and below, as it came. */
  async function handle(req: IncomingMessage, res: ServerResponse, { by, path }: { by: Actor; path: string }) {
    const answer = (body: JsonObject) => {
      res.writeHead(200, { 'content-type': 'application/json' });
      res.end(JSON.stringify(body));
    };
    const below = /^\/artifacts\/(.+)$/.exec(path)?.[1];
    if (below === undefined) {
      if (req.method !== 'GET' || !/^\/artifacts\/?$/.test(path)) throw notServed(req.method ?? 'GET', path);
      const folder = new URL(req.url ?? '/', 'http://local').searchParams.get('path') ?? '';
      if (folder === '') throw wrong('`path` names the artifacts of a run.');
      return answer(filesBody(await list(by, safeText(folder))));
    }
    const file = safePath(below);
    if (req.method === 'GET') return download(res, by, file);
    if (req.method === 'DELETE') {
      await checkOwner(by, `${file}/`);
      await remove(by, file);
      return answer({});
    }
    if (req.method !== 'PUT') throw notServed(req.method ?? 'GET', path);
    await upload(req, by, file);
    answer({});
  }

  return { calls, handle };
}
