import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Caller, isJsonObject, type JsonObject, WheelhouseError } from '@wheelhouse/core/records';
import { createArtifacts } from './artifacts.ts';
import type { MlflowCalls, TrackingDeps } from './deps.ts';
import { experimentCalls } from './experiment-calls.ts';
import { mlflowError, notServed, wrong } from './mlflow-error.ts';
import { runCalls } from './run-calls.ts';

type Context = { by: Caller; path: string; readBody(): Promise<Buffer> };

/** As protobuf's JSON, which names fields once, or as often as they have values. */
function queryOf(req: IncomingMessage): JsonObject {
  const { searchParams } = new URL(req.url ?? '/', 'http://local');
  const names = [...new Set(searchParams.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const values = searchParams.getAll(name);
      return [name, values.length === 1 ? (values[0] ?? '') : values];
    }),
  );
}

async function bodyOf(context: Context): Promise<JsonObject> {
  const text = (await context.readBody()).toString('utf8');
  if (text.trim() === '') return {};
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new WheelhouseError('invalid_json', 'The request body is not JSON.', { cause });
  }
  if (!isJsonObject(body)) throw wrong('The request body is no object.');
  return body;
}

function refuse(_: IncomingMessage, res: ServerResponse, error: WheelhouseError): void {
  if (res.headersSent) return void res.destroy();
  const { status, body } = mlflowError(error);
  const retry = error.retryable ? { 'retry-after': '1' } : {};
  res.writeHead(status, { 'content-type': 'application/json', ...retry });
  res.end(JSON.stringify(body));
}

const modelsHint =
  'It keeps no models in MLflow’s form: write one with save_model() and log the folder with mlflow.log_artifacts(); ' +
  '`wheelhouse serve <folder>` answers for it and registers it. See docs/guides/from-mlflow.md.';
const tracesHint = 'Send traces by OpenTelemetry: docs/guides/trace-python-mlflow.md.';

/** What to do instead, for families of calls that are not served. */
const instead: [RegExp, string][] = [
  [/^\/(?:logged-models|registered-models|model-versions|runs\/(?:log-model|outputs))/, modelsHint],
  [/^\/traces/, tracesHint],
];

/** None are kept, so none are found; clients look before they list artifacts. */
const loggedModels: MlflowCalls = { 'POST /logged-models/search': async () => ({}) };

/** What newer clients ask before they upload or download large files. */
const serverInfo: MlflowCalls = {
  'GET /server-info': async () => ({
    ...{ store_type: 'SqlStore', workspaces_enabled: false, trace_archival_enabled: false },
    ...{ multipart_uploads_enabled: false, multipart_downloads_enabled: false },
  }),
};

const reads = new Set(['/experiments/search', '/runs/search', '/logged-models/search']);

function callDoor(prefix: string, calls: MlflowCalls) {
  const known = new Map(Object.entries(calls));
  const inner = (path: string) => path.slice(prefix.length).replace(/\/$/, '');
  return {
    prefix,
    need: (method: string, path: string) =>
      method === 'GET' || reads.has(inner(path)) ? ('trackingRead' as const) : ('trackingWrite' as const),
    async handle(req: IncomingMessage, res: ServerResponse, context: Context): Promise<void> {
      const [method, path] = [req.method ?? 'GET', inner(context.path)];
      const call = known.get(`${method} ${path}`);
      if (!call) throw notServed(method, `${prefix}${path}`, instead.find(([family]) => family.test(path))?.[1]);
      const answer = await call(context.by, method === 'GET' ? queryOf(req) : await bodyOf(context));
      const text = JSON.stringify(answer);
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
      res.end(text);
    },
    refuse,
  };
}

/** MLflow's REST API of tracking, and its proxy for artifacts, for `mlflow.set_tracking_uri(url)`. */
export function createMlflowDoors(deps: TrackingDeps) {
  const artifacts = createArtifacts(deps);
  const files = '/api/2.0/mlflow-artifacts';
  const calls = { ...experimentCalls(deps), ...runCalls(deps), ...artifacts.calls, ...loggedModels };
  return [
    callDoor('/api/2.0/mlflow', calls),
    callDoor('/api/3.0/mlflow', serverInfo),
    {
      prefix: files,
      need: (method: string) => (method === 'GET' ? ('trackingRead' as const) : ('trackingWrite' as const)),
      handle: (req: IncomingMessage, res: ServerResponse, { by, path }: Context) =>
        artifacts.handle(req, res, { by, path: path.slice(files.length) }),
      refuse,
    },
  ];
}
