import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DeploymentReader, Dialect, ProviderReader, UserGate } from '@wheelhouse/core/ports';
import { type Caller, type JsonObject, type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import type { RouteTable } from '@wheelhouse/core/route';
import { refusalOf } from './at-gate.ts';
import { asksForBackground } from './background.ts';
import { readControl } from './control-headers.ts';
import { countTokensTask } from './count-tokens.ts';
import { HttpOutlet, sendError } from './http-outlet.ts';
import type { KeptResponses } from './kept-responses.ts';
import type { Metrics } from './metrics.ts';
import { asAnthropic, asOpenAi, type ListedModel, listModels } from './model-list.ts';
import type { Outlet } from './outlet.ts';
import { withOwnPrompt, withVariables } from './own-members.ts';
import { knownPath, passedOn, passThroughTask, readPassedPath, soleTarget } from './pass-through.ts';
import { parseBody } from './read-body.ts';
import type { Serve } from './serve.ts';
import type { Task } from './task.ts';
import { conversations, embeddingsPath, type Tasks } from './tasks.ts';

export type GatewayDeps = {
  serve: Serve;
  gate: UserGate;
  tasks: Tasks;
  providers: ProviderReader;
  metrics: Metrics;
  responses: KeptResponses;
  /** Of a project, from memory. */
  routes(project: ProjectId): RouteTable;
  models(project: ProjectId): DeploymentReader;
  /** Base models that can be named without asking a vendor, as `provider/model`. */
  baseModels: readonly string[];
  /** Seconds since 1970, for the `created` of base models. */
  startedAt: number;
};

type Answering = {
  req: IncomingMessage;
  res: ServerResponse;
  by: Caller;
  dialect: Dialect;
  /** What the answer passes on its way. */
  through?: (outlet: Outlet) => Outlet;
};

export type GatewayContext = { by: Caller; path: string; readBody(): Promise<Buffer> };

/** Headers for a vendor of the caller's own dialect. */
const forVendor: Partial<Record<Dialect, readonly string[]>> = {
  'openai-chat': ['openai-organization', 'openai-project', 'openai-beta', 'idempotency-key'],
  'openai-completions': ['openai-organization', 'openai-project', 'openai-beta', 'idempotency-key'],
  'openai-responses': ['openai-organization', 'openai-project', 'openai-beta', 'idempotency-key'],
  'anthropic-messages': ['anthropic-version', 'anthropic-beta', 'idempotency-key'],
};

const countPath = '/v1/messages/count_tokens';
const responsesPath = '/v1/responses';
const left = 'The caller closed the connection.';

const headerOf = (req: IncomingMessage, name: string): string | null => {
  const value = req.headers[name];
  return typeof value === 'string' ? value : null;
};

function vendorHeaders(req: IncomingMessage, dialect: Dialect): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of forVendor[dialect] ?? []) {
    const value = headerOf(req, name);
    if (value !== null) headers[name] = value;
  }
  return headers;
}

/** Whose clients a path belongs to, and whose errors they read. */
function dialectOf(path: string): Dialect {
  const known = conversations[path];
  if (known !== undefined) return known;
  return path.startsWith('/v1/messages') || path.startsWith('/providers/anthropic/')
    ? 'anthropic-messages'
    : 'openai-chat';
}

function sendJson(res: ServerResponse, body: object, headers: Record<string, string> = {}): void {
  const text = JSON.stringify(body);
  res.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  res.end(text);
}

function only(req: IncomingMessage, path: string, method: string): void {
  if (req.method !== method)
    throw new WheelhouseError('method_not_allowed', `${path} takes ${method}, not ${req.method}.`, {
      hint: `Send ${method}.`,
    });
}

const isJson = (req: IncomingMessage) => (headerOf(req, 'content-type') ?? '').includes('json');

/** Answers with what the call becomes; everything that goes wrong from here on is answered in the dialect. */
function answerWith({ serve, gate, metrics }: GatewayDeps, given: Answering, task: Task): void {
  const { req, res, by, dialect } = given;
  const outlet = new HttpOutlet(res, dialect);
  const control = readControl(req.headers);
  const refusal = refusalOf(gate, { by, control, task });
  if (refusal !== null) {
    metrics.refused(refusal.error.code);
    outlet.fail(refusal.error, refusal.headers);
    return;
  }
  const running = serve(
    {
      task,
      by,
      traceparent: headerOf(req, 'traceparent'),
      userAgent: headerOf(req, 'user-agent'),
      control,
      run: null,
      origin: 'vendor',
      startMs: performance.now(),
    },
    given.through?.(outlet) ?? outlet,
  );
  outlet.whenDrained(() => running.resume());
  res.once('close', () => {
    if (!res.writableFinished) running.abort(left);
  });
  // It left while the body was read.
  if (res.destroyed) running.abort(left);
}

function sendModels(
  deps: Pick<GatewayDeps, 'models' | 'routes' | 'baseModels' | 'startedAt'>,
  { req, res, context }: { req: IncomingMessage; res: ServerResponse; context: GatewayContext },
): void {
  const { by, path } = context;
  const { project } = by;
  const { baseModels, startedAt } = deps;
  const all = listModels({ models: deps.models(project), routes: deps.routes(project), baseModels, startedAt });
  const anthropic = headerOf(req, 'anthropic-version') !== null;
  const told: (model: ListedModel) => object = anthropic ? asAnthropic : asOpenAi;
  if (path === '/v1/models') {
    const data = all.map(told);
    const ends = { has_more: false, first_id: all[0]?.id ?? null, last_id: all.at(-1)?.id ?? null };
    sendJson(res, anthropic ? { data, ...ends } : { object: 'list', data });
    return;
  }
  const id = decodeURIComponent(path.slice('/v1/models/'.length));
  const found = all.find((model) => model.id === id);
  if (!found) throw new WheelhouseError('model_not_found', `There is no model \`${id}\`.`, { param: 'model' });
  sendJson(res, told(found));
}

/** What callers reach under `/v1/` and `/providers/`: every way to call a model. */
export function createGateway(deps: GatewayDeps) {
  const answer = (given: Answering, task: Task) => answerWith(deps, given, task);

  async function converse(req: IncomingMessage, res: ServerResponse, context: GatewayContext): Promise<void> {
    const { by, path } = context;
    const dialect = dialectOf(path);
    const text = withVariables((await context.readBody()).toString('utf8'), req.headers);
    const headers = vendorHeaders(req, dialect);
    const who = () => readControl(req.headers);
    answer({ req, res, by, dialect }, deps.tasks.conversation(by.project, { dialect, text, headers, who }));
  }

  /** OpenAI's responses lean on one another; here that holds for every vendor. */
  async function respond(req: IncomingMessage, res: ServerResponse, context: GatewayContext): Promise<void> {
    const { by } = context;
    const dialect: Dialect = 'openai-responses';
    const sent = withVariables((await context.readBody()).toString('utf8'), req.headers);
    const { model: find } = deps.models(by.project);
    const given = withOwnPrompt(sent, (name) => find(name) !== null);
    const text = await deps.responses.whole(by.project, given);
    const headers = vendorHeaders(req, dialect);
    if (asksForBackground(given)) {
      const check = (request: string) => deps.tasks.conversation(by.project, { dialect, text: request, headers });
      return sendJson(res, await deps.responses.begin(by, given, text, check));
    }
    const through = (outlet: Outlet) => deps.responses.keeping(by.project, given, outlet);
    const who = () => readControl(req.headers);
    answer({ req, res, by, dialect, through }, deps.tasks.conversation(by.project, { dialect, text, headers, who }));
  }

  async function embed(req: IncomingMessage, res: ServerResponse, context: GatewayContext): Promise<void> {
    const { by } = context;
    const text = (await context.readBody()).toString('utf8');
    answer({ req, res, by, dialect: 'openai-chat' }, deps.tasks.embeddings(by.project, text));
  }

  async function count(req: IncomingMessage, res: ServerResponse, context: GatewayContext): Promise<void> {
    const { by } = context;
    const dialect: Dialect = 'anthropic-messages';
    const text = (await context.readBody()).toString('utf8');
    const resolve = (ref: string) => deps.tasks.resolve(by.project, ref);
    const find = (name: string) => deps.providers.find(by.project, name);
    const found = countTokensTask({ text, headers: vendorHeaders(req, dialect) }, { resolve, find });
    if ('task' in found) answer({ req, res, by, dialect }, found.task);
    else sendJson(res, { input_tokens: found.counted }, { 'x-wheelhouse-estimated': 'true' });
  }

  async function pass(req: IncomingMessage, res: ServerResponse, context: GatewayContext): Promise<void> {
    const { by, path } = context;
    const at = readPassedPath(req.url ?? '/');
    const provider = at === null ? null : deps.providers.find(by.project, at.provider);
    if (at === null || provider === null)
      throw new WheelhouseError('not_found', `${path} names no provider that is set up.`, {
        hint: 'The form is /providers/<name>/<path at the provider>; GET /api/v1/providers lists the names.',
      });
    const body = await context.readBody();
    const json: JsonObject | null = isJson(req) && body.length > 0 ? parseBody(body.toString('utf8')) : null;
    const table = deps.routes(by.project);
    const known = req.method === 'POST' ? knownPath(at, provider, json) : null;
    if (known === null) {
      const headers = passedOn(req.headers);
      const method = req.method ?? 'GET';
      const task = passThroughTask({ method, at, headers, body, json, settings: table.settings });
      return answer({ req, res, by, dialect: dialectOf(path) }, task);
    }
    const { dialect, model, stream } = known;
    const task = deps.tasks.conversation(
      by.project,
      { dialect, text: body.toString('utf8'), headers: vendorHeaders(req, dialect), named: { model, stream } },
      soleTarget(at.provider, model, table.settings),
    );
    answer({ req, res, by, dialect }, task);
  }

  /** Errors that come before a call is made are thrown, and {@link refuse} answers them. */
  async function handle(req: IncomingMessage, res: ServerResponse, context: GatewayContext): Promise<void> {
    const { path } = context;
    if (conversations[path] !== undefined) {
      only(req, path, 'POST');
      return path === responsesPath ? respond(req, res, context) : converse(req, res, context);
    }
    if (path === embeddingsPath || path === countPath) {
      only(req, path, 'POST');
      return path === countPath ? count(req, res, context) : embed(req, res, context);
    }
    if (path === '/v1/models' || path.startsWith('/v1/models/')) {
      only(req, path, 'GET');
      return sendModels(deps, { req, res, context });
    }
    if (path.startsWith(`${responsesPath}/`))
      return sendJson(res, await deps.responses.answer(req, context.by.project, path));
    if (path.startsWith('/providers/')) return pass(req, res, context);
    throw new WheelhouseError('not_found', `There is no ${path} here.`, {
      hint: 'GET /v1/models lists what can be called; any other path of a provider is /providers/<name>/<path>.',
    });
  }

  function refuse(req: IncomingMessage, res: ServerResponse, error: WheelhouseError): void {
    const path = (req.url ?? '/').split('?', 1)[0] ?? '/';
    deps.metrics.refused(error.code);
    sendError(res, error, { dialect: dialectOf(path), headers: {}, requestId: '' });
  }

  return { handle, refuse };
}
