import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ModelPackage, readInvocations, writePredictions } from '@wheelhouse/core/model';
import type { DeploymentReader, PredictInput, Predictor } from '@wheelhouse/core/ports';
import {
  type Caller,
  defaultProjectId,
  isJsonObject,
  type JsonObject,
  nanosToMs,
  parseExactJson,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { pino } from 'pino';
import type { Gate } from './access/index.ts';
import { type Config, type ConfigSource, loadConfig } from './config.ts';
import { createMetrics, openGate } from './gateway/index.ts';
import { authorize, type GuardOptions } from './http/guard.ts';
import { readBody } from './http/read-body.ts';
import { openGateway } from './open-gateway.ts';
import { openModels } from './open-models.ts';
import { openRouting, withoutLoops } from './open-routing.ts';
import { packagedModels } from './packaged-models.ts';
import { openProviders } from './providers/open-providers.ts';
import { createSim } from './providers/sim/create-sim.ts';
import { createSecretBox } from './secret-box.ts';
import { createSchemaChecker } from './tools/schema-checker.ts';
import { readVersion } from './version.ts';
import { createClock, systemRandom } from './world.ts';

export type ServeModelOptions = ConfigSource & {
  model: ModelPackage;
  /** Whoever reaches it may call it: something before it decides who does. */
  open: boolean;
};

export type ModelServer = {
  url: string;
  /** Lets running answers end, for a while. */
  stop(): Promise<void>;
};

const owner: Caller = {
  ...{ project: defaultProjectId, actor: 'local', role: 'owner' },
  ...{ key: null, person: null, team: null },
};
const nobodyElse: Gate = {
  isKey: () => false,
  ofKey: () => null,
  ofSession: () => null,
  ofOwner: () => owner,
  lookAgain: async () => false,
};

const atOneTime = 8;
const drainBoundMs = 20_000;
/** Of the gateway's endpoints, those that need nothing to be kept. */
const chatPaths = new Set(['/v1/chat/completions', '/v1/completions', '/v1/messages', '/v1/models']);

/** The gateway over models that are in memory. Nothing is kept: no traces, no budgets, no cached answers. */
function openAnswering(config: Config, models: DeploymentReader, port: () => number) {
  const log = pino({ level: 'error' }, pino.destination(2));
  const clock = createClock();
  const random = systemRandom;
  const checker = createSchemaChecker();
  const nowMs = () => nanosToMs(clock.now());
  const sim = createSim({
    ...{ defaults: config.sim as JsonObject, nowMs },
    newId: () => `chatcmpl-sim-${Buffer.from(random.bytes(12)).toString('base64url')}`,
  });
  const providers = openProviders({ setups: withoutLoops(config.providers, config.port), builtIn: [sim], nowMs });
  const routing = openRouting({ config, providers, find: (_, name) => models.model(name), port, log });
  // Nothing is on its way to an alias of a folder.
  const copier = { offer: () => false };
  const predicting = openModels(config, {
    ...{ providers, routing, copier, checker, clock, random, log },
    box: createSecretBox({ given: randomBytes(32).toString('hex'), dir: config.dir, shared: true }),
    sink: { append: async () => undefined },
    wholeSpans: { async *ofTraces() {} },
    // Code is answered for where it lives, and is in no folder.
    hosts: {
      register: async () => {
        throw new WheelhouseError('not_found', 'A packaged model takes no hosts.');
      },
      renew: async () => null,
      leave: async () => false,
      live: async () => [],
    },
  });
  const gateway = openGateway({
    ...{ providers, routing, copier, checker, clock, random, log },
    models: () => models,
    admission: { admit: () => ({ settle() {}, release() {}, headers: {}, free: true }) },
    gate: openGate,
    cache: null,
    state: {
      keep() {},
      read: async () => null,
      remove: async () => false,
      cancel: async () => null,
      begin: async () => {
        throw new WheelhouseError('not_found', 'A packaged model answers while its caller waits.');
      },
    },
    recorder: { record() {} },
    metrics: createMetrics(),
    prices: { find: () => null },
    predictorOver: predicting.over,
  });
  return {
    ...gateway,
    async close(): Promise<void> {
      gateway.stop();
      await predicting.close();
      await providers.close();
    },
  };
}

function send(res: ServerResponse, status: number, body: string | object, more: Record<string, string> = {}): void {
  if (res.headersSent || res.destroyed) return void res.destroy();
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
  res.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text), ...more });
  res.end(text);
}

function parse(text: string): JsonObject {
  try {
    const body = parseExactJson(text);
    if (isJsonObject(body)) return body;
  } catch {}
  throw new WheelhouseError('invalid_json', 'The body of /invocations is no JSON object.');
}

/** MLflow's error beside our own. */
const errorBody = (error: WheelhouseError) => ({
  error_code: error.status < 500 ? 'BAD_REQUEST' : 'INTERNAL_ERROR',
  message: error.message,
  ...error.toBody(),
});

type Invoking = { predictor: Predictor; model: ModelPackage['model'] };

/** Each row is answered for itself; the first that fails ends the others. */
async function invoke(req: IncomingMessage, res: ServerResponse, { predictor, model }: Invoking, body: string) {
  const rows = readInvocations(parse(body), model.signature.input);
  const left = new AbortController();
  const leave = () => left.abort(new WheelhouseError('upstream_cut', 'Nobody waits for the answer any more.'));
  res.once('close', () => res.writableFinished || leave());
  const { traceparent } = req.headers;
  async function answer(ask: PredictInput) {
    const predicted = await predictor.predict({
      ...{ ask, by: owner, model: `${model.name}@${model.number}`, run: null, deadlineMs: null, resume: null },
      ...{ onStart: null, onText: null, signal: left.signal, userAgent: req.headers['user-agent'] ?? null },
      labels: { tags: [], user: null, session: null, metadata: {} },
      traceparent: typeof traceparent === 'string' ? traceparent : null,
    });
    if (predicted.ok) return predicted.output;
    throw predicted.error;
  }
  const outputs = new Array(rows.length);
  let next = 0;
  const lane = async () => {
    while (next < rows.length) {
      const at = next++;
      outputs[at] = await answer(rows[at] as PredictInput);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(atOneTime, rows.length) }, lane));
  } catch (error) {
    leave();
    throw error;
  }
  send(res, 200, writePredictions(outputs));
}

/** Whether it is there, which hosts ask without a key. */
function sendHealth(res: ServerResponse, path: string): boolean {
  if (path === '/ping' || path === '/health') send(res, 200, '\n');
  else if (path === '/version') send(res, 200, readVersion());
  else return false;
  return true;
}

/**
 * Answers for one exported version, without a database: MLflow's scoring protocol, OpenAI's and Anthropic's chat, and
 * the API's own `predict`. Vendors' keys come from the environment or the config file.
 * @throws WheelhouseError `config_invalid`, `bind_refused`, `port_in_use`
 */
export async function startModelServer({ model: packaged, open, ...source }: ServeModelOptions): Promise<ModelServer> {
  const wantedHost = source.flags.host ?? '127.0.0.1';
  // What is open is as safe as whatever stands before it, and needs no key to be bound anywhere.
  const config = await loadConfig({ ...source, flags: { ...source.flags, host: open ? '127.0.0.1' : wantedHost } });
  const { model } = packaged;
  let port = config.port;
  const answering = openAnswering(config, packagedModels(packaged), () => port);
  const guard: GuardOptions = {
    ...{ adminKey: config.adminKey, hosts: config.hosts, origins: config.origins, gate: nobodyElse },
  };
  const predictPath = new RegExp(`^/api/v1/models/${model.name.replaceAll('.', '\\.')}(?:(?:@|%40)[^/]+)?/predict$`);

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const path = (req.url ?? '/').split('?', 1)[0] ?? '/';
    if (sendHealth(res, path)) return;
    const by = open ? owner : authorize(req, guard);
    const context = { by, path, readBody: () => readBody(req, config.limits.bodyBytes) };
    if (chatPaths.has(path)) {
      try {
        return await answering.gateway.handle(req, res, context);
      } catch (error) {
        return answering.gateway.refuse(req, res, known(error));
      }
    }
    if (predictPath.test(path)) return answering.predict(req, res, context);
    if (path === '/metrics') return answering.sendMetrics(req, res);
    if (path !== '/invocations')
      throw new WheelhouseError('not_found', `There is no ${path} here.`, {
        hint: `${model.name} answers at POST /invocations and POST /v1/chat/completions.`,
      });
    if (req.method !== 'POST')
      throw new WheelhouseError('method_not_allowed', `${path} takes POST, not ${req.method}.`, { hint: 'Send POST.' });
    await invoke(req, res, { predictor: answering.predictor, model }, (await context.readBody()).toString('utf8'));
  }

  const server = createServer((req, res) => {
    handle(req, res).catch((cause: unknown) => {
      const error = known(cause);
      send(res, error.status, errorBody(error));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = `Port ${config.port} on ${wantedHost} is taken by another program.`;
      reject(cause.code === 'EADDRINUSE' ? new WheelhouseError('port_in_use', taken, { cause }) : cause);
    });
    server.listen(config.port, wantedHost, resolve);
  }).catch(async (error: unknown) => {
    await answering.close();
    throw error;
  });
  port = (server.address() as AddressInfo).port;
  const shown = wantedHost.includes(':') ? `[${wantedHost}]` : wantedHost;
  return {
    url: `http://${shown}:${port}`,
    async stop() {
      const force = setTimeout(() => server.closeAllConnections(), drainBoundMs);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
      clearTimeout(force);
      await answering.close();
    },
  };
}

const known = (cause: unknown): WheelhouseError =>
  cause instanceof WheelhouseError
    ? cause
    : new WheelhouseError('internal', 'The model could not be asked.', { cause });
