import { monitorSchemas } from '@wheelhouse/core/contract';
import type {
  Email,
  Embedder,
  HttpCaller,
  Mailer,
  ModelRunner,
  PriceAsk,
  SearchedTrace,
  SecretBox,
} from '@wheelhouse/core/ports';
import {
  defaultProjectId,
  msToNanos,
  type PriceRow,
  type Role,
  type TraceFacts,
  type TraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { defaultSettings, type RouteTable } from '@wheelhouse/core/route';
import {
  type BudgetUse,
  createLooker,
  createMonitorHandlers,
  lookAtDueMonitors,
  sendDue,
} from '@wheelhouse/server/monitors/index';
import { readFilter } from '@wheelhouse/server/traces/index';
import { expect } from 'vitest';
import { fakeAuditStore, fakeMonitorStore, fakeTraceQueries } from '../fakes/index.ts';

export const project = defaultProjectId;
export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
/** A Monday at noon. */
export const noonMs = Date.UTC(2026, 1, 2, 12);

type Answer = (url: string, body: string) => number | Error;
/** Whom the mail server refuses, or why it takes nothing. */
type Mail = () => string[] | Error;
export type Trace = Partial<SearchedTrace> & { atMs: number; latencyMs?: number; facts?: Partial<TraceFacts> };

let count = 0;
function traceOf({ atMs, latencyMs = 800, facts: _, ...more }: Trace): SearchedTrace {
  const startNs = msToNanos(atMs);
  return {
    ...{ traceId: (++count).toString(16).padStart(32, '0') as TraceId, name: 'chat', kind: 'generation', startNs },
    ...{ endNs: startNs + msToNanos(latencyMs), status: 'ok', statusMessage: null, model: 'gpt', dialect: 'otel' },
    ...{ inputPreview: 'Where is my order?', outputPreview: 'On its way.', inputTokens: 100, outputTokens: 50 },
    ...{ costNanoUsd: 2_000_000n, unpricedCalls: 0, spanCount: 1, errorCount: 0, sessionId: null, userId: null },
    ...{ service: null, services: [], environment: null, release: null, tags: [], models: ['gpt'], providers: [] },
    ...{ kinds: [], tools: [], firstTokenNs: null, runId: null, scores: [], text: '' },
    ...more,
  };
}

export type World = { traces?: Trace[]; answer?: Answer; mail?: Mail | null; role?: Role };
const price: PriceRow = {
  ...{ id: 'p', provider: 'openai', model: 'gpt', validFrom: null },
  perMillion: { inputUncached: 1_000_000_000_000n, outputText: 2_000_000_000_000n },
};
const routes: RouteTable = {
  ...{ providers: new Set(['openai']), providerOf: () => null, routes: new Map(), settings: defaultSettings },
  find: () => null,
};

/** A model that says and costs what a test has it say and cost, and counts what it is asked. */
function openModel() {
  const model = {
    ...{ says: (prompt: string) => `It is ${prompt}.`, asked: 0, nanoUsd: 1n },
    ...{ embedded: [] as string[], isAway: false },
  };
  const runner: ModelRunner = {
    async run(_, { messages: [message] }) {
      const text = model.says(String((message as { content?: string }).content));
      const seen = { traceId: 'a'.repeat(32) as TraceId, latencyNs: msToNanos(900), costNanoUsd: model.nanoUsd };
      model.asked++;
      return text === '' ? { ok: false, error: 'The vendor is away.', ...seen } : { ok: true, text, ...seen };
    },
  };
  const embedder: Embedder = {
    async embed(_, texts, { run }) {
      model.embedded.push(run?.runId ?? 'none');
      if (model.isAway) return { ok: false, error: 'The vendor is away.' };
      const vectors = texts.map((text) => [text.length, text.split(' ').length, Number(text.includes('order'))]);
      return { ok: true, vectors, traceId: 'b'.repeat(32) as TraceId, costNanoUsd: model.nanoUsd };
    },
  };
  return { model, runner, embedder };
}

/** Everything over memory; time stands still until it is moved. */
export async function openMonitors({ traces = [], answer = () => 200, mail = () => [], role = 'viewer' }: World = {}) {
  const by = { project, actor: 'ada', role, key: null, person: null, team: null };
  const queries = fakeTraceQueries();
  const facts = new Map<TraceId, TraceFacts>();
  async function put(more: Trace[]) {
    const made = more.map(traceOf);
    for (const [i, { traceId }] of made.entries())
      facts.set(traceId, { tools: {}, refusal: null, retrieved: null, ...more[i]?.facts });
    await queries.put(project, made);
  }
  await put(traces);
  const audit = fakeAuditStore();
  const time = { ms: noonMs };
  const posted: { url: string; id: string | undefined; body: string }[] = [];
  const http: HttpCaller = {
    async call({ url, headers, body }) {
      posted.push({ url, id: headers['webhook-id'], body: body ?? '' });
      const given = answer(url, body ?? '');
      if (given instanceof Error) throw given;
      return { status: given, headers: {}, body: 'as told' };
    },
  };
  const mailed: Email[] = [];
  const mailer: Mailer = {
    domain: 'house.test',
    async send(email) {
      mailed.push(email);
      const refused = mail?.() ?? [];
      if (refused instanceof Error) throw refused;
      return { refused };
    },
  };
  const box: SecretBox = {
    seal: (secret, context) => Buffer.from(`${context} ${secret}`),
    open: (sealed, context) => {
      const text = Buffer.from(sealed).toString();
      return text.startsWith(`${context} `) ? text.slice(context.length + 1) : null;
    },
  };
  const store = fakeMonitorStore(audit);
  const { model, runner, embedder } = openModel();
  const budgets: BudgetUse[] = [];
  const newLooker = () =>
    createLooker({
      ...{ queries, readFilter, runnerOf: () => runner, embedderOf: () => embedder, probesOf: store.monitors.list },
      facts: {
        ofTraces: async (_: unknown, ids: readonly TraceId[]) => new Map([...facts].filter(([id]) => ids.includes(id))),
      },
      budgetsOf: async () => budgets,
    });
  const deps = {
    ...{ ...store, http, mailer: mail && mailer, box, readFilter, log: { error: () => {} } },
    clock: { now: () => msToNanos(time.ms) },
    random: { bytes: (size: number) => new Uint8Array(size).map(() => Math.floor(256 * Math.random())) },
    pageOf: (path: string) => `https://house.test${path}`,
    checkUrl(url: string) {
      if (url.includes('private')) throw new WheelhouseError('invalid_request', 'That is private.', { param: 'url' });
    },
    looker: newLooker(),
    prices: { find: ({ models: [name] }: PriceAsk) => (name === 'unpriced' ? null : price) },
    routes: () => routes,
  };
  const handlers = createMonitorHandlers(deps);
  let { looker } = deps;
  const { signal } = new AbortController();
  /** What fails is tried again the next time. */
  const run = () => Promise.allSettled([lookAtDueMonitors({ ...deps, looker }, signal), sendDue(deps, signal)]);
  const call = { by, query: undefined };
  const api = {
    ...{ deps, time, posted, mailed, model, queries, budgets, put },
    run,
    /** As after a kill: what was in memory is gone. */
    restart() {
      looker = newLooker();
    },
    set: (monitor: string, body: object) =>
      handlers.setMonitor({ ...call, params: { monitor }, body: monitorSchemas.monitorDefinition.parse(body) }),
    try: async (body: object) => {
      const found = await handlers.testMonitor({
        ...call,
        params: {},
        body: monitorSchemas.monitorDefinition.parse(body),
      });
      expect(monitorSchemas.monitorTest.parse(found)).toEqual(found);
      return found;
    },
    estimate: (body: object) =>
      handlers.estimateMonitor({ ...call, params: {}, body: monitorSchemas.monitorDefinition.parse(body) }),
    get: (monitor: string) => handlers.getMonitor({ ...call, params: { monitor }, body: undefined }),
    channel: (channel: string, body: object) =>
      handlers.setChannel({ ...call, params: { channel }, body: monitorSchemas.newChannel.parse(body) }),
    testChannel: (channel: string) => handlers.testChannel({ ...call, params: { channel }, body: undefined }),
    channels: async () => (await handlers.listChannels({ ...call, params: {}, body: undefined })).data,
    silence: (monitor: string, minutes: number) =>
      handlers.silenceMonitor({ ...call, params: { monitor }, body: { minutes } }),
    alerts: async () =>
      (await handlers.listAlerts({ ...call, params: {}, query: monitorSchemas.alertQuery.parse({}), body: undefined }))
        .data,
    /** Moves the time on, and has what is due then done; messages wait for others a moment. */
    async after(ms: number) {
      time.ms += ms;
      await run();
      time.ms += 4_000;
      await run();
    },
  };
  await api.channel('hook', { kind: 'webhook', url: 'https://sink.test/hook' });
  return api;
}
