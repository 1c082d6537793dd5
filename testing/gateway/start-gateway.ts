import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
  Admission,
  AnswerCache,
  Predictor,
  PriceReader,
  ResponseState,
  StoredResponse,
  UserGate,
} from '@wheelhouse/core/ports';
import {
  type Caller,
  defaultProjectId,
  type Model,
  type ModelVersion,
  type Span,
  WheelhouseError,
} from '@wheelhouse/core/records';
import {
  createHealth,
  defaultSettings,
  type Health,
  type Route,
  type RouteSettings,
  resolveTarget,
} from '@wheelhouse/core/route';
import {
  createAskModel,
  createEmbedder,
  createGateway,
  createInnerCall,
  createKeptResponses,
  createMetrics,
  createServe,
  createTasks,
  createTokenCount,
  openGate,
  readRecording,
} from '../../server/gateway/index.ts';
import { readBody } from '../../server/http/read-body.ts';
import { createModelRunners, createPredictor } from '../../server/models/index.ts';
import { openProviders } from '../../server/providers/open-providers.ts';
import { providersSection, readProviderSetups } from '../../server/providers/provider-setup.ts';
import { createSim } from '../../server/providers/sim/create-sim.ts';
import { createCallCopier } from '../../server/releases/index.ts';
import { createSchemaChecker } from '../../server/tools/schema-checker.ts';
import { createClock, systemRandom } from '../../server/world.ts';
import { startUpstream } from '../upstream/index.ts';

export const caller: Caller = {
  ...{ project: defaultProjectId, actor: 'local', role: 'owner' },
  ...{ key: null, person: null, team: null },
};

type TestRoute = { targets: string[] } & Partial<RouteSettings>;

export type GatewayParts = {
  routes?: Record<string, TestRoute>;
  admission?: Admission;
  gate?: UserGate;
  cache?: AnswerCache;
  prices?: PriceReader;
  models?: Record<string, { model: Model; versions: Map<number, ModelVersion> }>;
};

const providersAt = (url: string) => ({
  openai: { baseUrl: `${url}/v1`, apiKey: 'sk-openai' },
  anthropic: { baseUrl: `${url}/v1`, apiKey: 'sk-anthropic' },
  gemini: { baseUrl: `${url}/v1beta`, apiKey: 'sk-gemini' },
  many: { vendor: 'openai', baseUrl: `${url}/v1`, apiKey: ['k1', 'k2', 'k3'] },
  down: { vendor: 'openai', baseUrl: 'http://127.0.0.1:9/v1', apiKey: 'k' },
  keyless: { vendor: 'openai', baseUrl: `${url}/v1`, apiKeyVariable: 'NOBODY_SETS_THIS' },
});

/** Models and routes as they are told. */
function routesOf(parts: GatewayParts, providers: ReturnType<typeof openProviders>) {
  const find = (name: string) => parts.models?.[name] ?? null;
  const settings: RouteSettings = { ...defaultSettings, retries: { ...defaultSettings.retries, backoffMs: 1 } };
  const names = providers.names(defaultProjectId);
  const plain = { providers: names, routes: new Map<string, Route>(), settings, providerOf: () => null, find };
  const routes = new Map(
    Object.entries(parts.routes ?? {}).map(([name, { targets, ...own }]): [string, Route] => {
      const all = targets.map((ref, priority) => {
        const [target] = resolveTarget(ref, plain).route.targets;
        if (target === undefined) throw new Error(`${ref} names no target`);
        return { ...target, priority };
      });
      return [name, { name, targets: all, settings: { ...settings, strategy: 'priority', ...own } }];
    }),
  );
  return { find, table: () => ({ ...plain, routes }) };
}

/** The gateway before a vendor of real sockets, without the rest of the server. */
export async function startGateway(parts: GatewayParts = {}) {
  const upstream = await startUpstream();
  const setups = readProviderSetups(providersSection.parse(providersAt(upstream.url)), {});
  const nowMs = () => Date.now();
  const sim = createSim({ defaults: {}, nowMs, newId: () => 'chatcmpl-sim' });
  const providers = openProviders({ setups, builtIn: [sim], nowMs });
  const spans: Span[] = [];
  const waiting = new Set<() => void>();
  const clock = createClock();
  const random = systemRandom;
  const health: Health = createHealth();
  const metrics = createMetrics();
  const prices = parts.prices ?? { find: () => null };
  const used = createTokenCount();
  const { find, table } = routesOf(parts, providers);
  const checker = createSchemaChecker();
  const tasks = createTasks({ routes: table, checker, random, nowMs });
  const copier = createCallCopier({ log: { error() {} } });
  const { serve } = createServe({
    copier,
    ...{ providers, tasks, health, metrics, clock, random, nowMs },
    chance: Math.random,
    predictor: { predict: (request) => predictor.predict(request) },
    log: { error() {} },
    admission: parts.admission ?? { admit: () => ({ settle() {}, release() {}, headers: {}, free: true }) },
    cache: parts.cache ?? null,
    prices,
    recorder: {
      record(recording) {
        const span = readRecording(recording, prices);
        used.add(span);
        metrics.used(used.take());
        spans.push(span);
        for (const look of waiting) look();
      },
    },
  });
  const nothing = { call: () => Promise.reject(new Error('Nothing is called by these tests.')) };
  const predictor: Predictor = createPredictor({
    ...{ routes: table, checker, copier, clock, random, log: { error() {} } },
    ...{ http: nothing, hosts: nothing, sandbox: { run: nothing.call } },
    askModel: createAskModel({ serve, tasks }),
    wholeSpans: { async *ofTraces() {} },
    keeper: { keep: async (span) => void spans.push(span) },
  });
  const kept = new Map<string, StoredResponse>();
  const state: ResponseState = {
    keep: (_, response) => void kept.set(response.id, response),
    read: async (_, id) => kept.get(id) ?? null,
    remove: async (_, id) => kept.delete(id),
    begin: async (_, response) => void kept.set(response.id, response),
    cancel: async (_, id) => kept.get(id) ?? null,
  };
  const models = () => ({ model: find, all: () => Object.values(parts.models ?? {}).map(({ model }) => model) });
  const gate = parts.gate ?? openGate;
  const gateway = createGateway({
    ...{ serve, gate, tasks, providers, metrics, routes: table, models },
    responses: createKeptResponses(state, { nowMs, random }),
    baseModels: ['sim/echo'],
    startedAt: 0,
  });
  const server = createServer((req, res) => {
    const path = (req.url ?? '/').split('?', 1)[0] ?? '/';
    gateway.handle(req, res, { by: caller, path, readBody: () => readBody(req, 1_000_000) }).catch((error: unknown) => {
      if (error instanceof WheelhouseError) gateway.refuse(req, res, error);
      else res.destroy(error instanceof Error ? error : undefined);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    upstream,
    health,
    metrics,
    spans,
    runner: createModelRunners({ predictor, random })(caller.project),
    inner: createInnerCall({ serve, tasks, gate }),
    embedder: createEmbedder({ serve, tasks })(caller),
    post: (path: string, body: unknown, headers: Record<string, string> = {}, signal?: AbortSignal) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
        ...(signal ? { signal } : {}),
      }),
    /** Resolves once the condition holds for the spans so far. */
    until: (condition: (all: Span[]) => boolean): Promise<Span[]> =>
      new Promise((resolve) => {
        const look = () => {
          if (!condition(spans)) return;
          waiting.delete(look);
          resolve([...spans]);
        };
        waiting.add(look);
        look();
      }),
    forget() {
      spans.length = 0;
      upstream.forget();
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await providers.close();
      await upstream.close();
    },
  };
}

export type TestGateway = Awaited<ReturnType<typeof startGateway>>;
