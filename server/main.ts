import { join } from 'node:path';
import type { Handlers, LedgerBody } from '@wheelhouse/core/contract';
import type { DialectForward } from '@wheelhouse/core/ports';
import {
  type Actor,
  defaultProjectId,
  type JsonObject,
  nanosToMs,
  type PriceRow,
  WheelhouseError,
} from '@wheelhouse/core/records';
import type { RouteTable } from '@wheelhouse/core/route';
import { simModels } from '@wheelhouse/core/sim';
import { type Logger, pino } from 'pino';
import { createAuditHandlers } from './access/audit.ts';
import { type Config, type ConfigSource, loadConfig } from './config.ts';
import { createDatasetHandlers } from './datasets/index.ts';
import { createEvalHandlers, startEvalWorker } from './evals/index.ts';
import type { ChatDeps } from './gateway/chat-call.ts';
import { createGateway } from './gateway/gateway.ts';
import { createModelRunner } from './gateway/model-runner.ts';
import { createHttpServer } from './http/server.ts';
import {
  createLedger,
  createLedgerHandlers,
  createOtlpHandler,
  createSpanSink,
  newToken,
  openSpill,
} from './ingest/index.ts';
import { openJobs } from './jobs/index.ts';
import { createPriceReader } from './prices/index.ts';
import { createOpenAiCompatible } from './providers/openai-compatible/forward.ts';
import { createSimForward } from './providers/sim/forward.ts';
import { createDeploymentReader } from './registry/deployment-reader.ts';
import { createRegistryHandlers } from './registry/registry.ts';
import { createServerInfo, keysSentence } from './server-info.ts';
import { openStores } from './stores/open-stores.ts';
import { createSchemaChecker } from './tools/schema-checker.ts';
import { createLiveFeed, createLiveStream, createTraceHandlers } from './traces/index.ts';
import { readVersion } from './version.ts';
import { createClock, systemRandom } from './world.ts';

export type StartOptions = ConfigSource & {
  /** Folder of the built web app; null serves the API alone. */
  webRoot: string | null;
  log?: 'silent' | 'error' | 'info';
};

export type RunningServer = {
  url: string;
  port: number;
  info: { version: string; dataDir: string; storeSummary: string; keys: string; configFile: string | null };
  /** Lets running answers end, stores what is buffered, closes the stores. */
  stop(): Promise<void>;
};

const drainBoundMs = 20_000;
const replicaPollMs = 300;

/** The simulated model costs nothing unless a request says otherwise. */
const simPrices: PriceRow[] = simModels.flatMap((model) =>
  [model, `sim/${model}`].map((name) => ({
    id: `sim/${model}`,
    provider: 'sim',
    model: name,
    validFrom: null,
    perMillion: { inputUncached: 0n, outputText: 0n },
  })),
);

function openProviders(config: Config): { forwards: Map<string, DialectForward>; close(): Promise<void> } {
  const remote = config.providers.map((p) =>
    createOpenAiCompatible({
      name: p.name,
      baseUrl: p.baseUrl,
      apiKey: p.apiKey,
      headers: p.headers,
      timeoutMs: config.limits.upstreamTimeoutMs,
    }),
  );
  const sim = createSimForward({
    defaults: config.sim as JsonObject,
    nowMs: () => Date.now(),
    newId: () => `chatcmpl-sim-${Buffer.from(systemRandom.bytes(12)).toString('base64url')}`,
  });
  return {
    forwards: new Map<string, DialectForward>([...remote, sim].map((p) => [p.provider, p])),
    close: async () => void (await Promise.all(remote.map((p) => p.close()))),
  };
}

function missingKey(config: Config, name: string): WheelhouseError | null {
  const provider = config.providers.find((p) => p.name === name);
  if (!provider || provider.apiKey !== null || !provider.keyNeeded) return null;
  const variable = provider.apiKeyVariable ?? `providers.${name}.apiKey`;
  return new WheelhouseError(
    'upstream_key_missing',
    `There is no key for the provider \`${name}\`: ${variable} is not set.`,
    {
      param: 'model',
      hint: `Set ${variable} in the environment or in .env and restart, or call sim/echo, which needs none.`,
    },
  );
}

/** A provider whose base URL is this very server would call itself for ever. */
function refuseLoop(config: Config, port: number): void {
  for (const provider of config.providers) {
    const url = new URL(provider.baseUrl);
    if (['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname) && Number(url.port || 80) === port)
      throw new WheelhouseError(
        'config_invalid',
        `The base URL of the provider \`${provider.name}\` is this server itself.`,
        {
          hint: 'OPENAI_BASE_URL here names the vendor behind the gateway; unset it for this process, or start on another port.',
        },
      );
  }
}

type Closers = (() => Promise<void> | void)[];

/** Opens what everything stands on; whatever is opened is closed again by `closers`, last first. */
async function openFoundation(config: Config, log: Logger, closers: Closers) {
  const clock = createClock();
  const random = systemRandom;
  const stores = await openStores(config, log);
  closers.push(() => stores.close());
  const feed = createLiveFeed(log);
  const prices = createPriceReader(simPrices);
  const deployments = createDeploymentReader(stores.records.models, defaultProjectId);
  await deployments.refresh();
  if (config.databaseUrl !== null)
    deployments.startPolling(replicaPollMs, (err) => log.error({ err }, 'deployments not refreshed'));
  closers.push(() => deployments.stop());
  const ledger = createLedger({ clock });
  const sink = createSpanSink({
    store: stores.telemetry.spans,
    prices,
    random,
    ledger,
    spill: await openSpill({ dir: join(config.dir, 'spill'), newToken: () => newToken(random), log }),
    log,
    onStored: (traceIds) => feed.publish({ type: 'traces', traceIds }),
  });
  closers.push(() => sink.close());
  const providers = openProviders(config);
  closers.push(() => providers.close());
  const jobs = openJobs({ store: stores.records.jobs, exclusive: stores.exclusive, log });
  // Running evaluations end first: they still call providers and record spans.
  closers.push(() => jobs.stop());
  const checker = createSchemaChecker();
  const routes: RouteTable = {
    providers: new Set(providers.forwards.keys()),
    defaultProvider: config.defaultProvider,
    find: (name) => deployments.model(name),
  };
  const chat: ChatDeps = {
    routes: () => routes,
    forward: (name) => providers.forwards.get(name) ?? null,
    missingKey: (name) => missingKey(config, name),
    sink,
    prices,
    checker,
    clock,
    random,
  };
  return { ...stores, log, clock, random, feed, deployments, ledger, sink, jobs, checker, chat };
}

type Foundation = Awaited<ReturnType<typeof openFoundation>>;

/** The features behind the API's routes; starts the evaluation worker. */
async function openFeatures(base: Foundation): Promise<Omit<Handlers, 'getServer'>> {
  const { records, telemetry, feed, clock, random, jobs, log, checker, chat } = base;
  const evaluator: Actor = { project: defaultProjectId, actor: 'evaluation' };
  const { comparisons, datasets } = records;
  const { cells, examples, spans, scores } = telemetry;
  const evals = { comparisons, cells, datasets, examples, jobs, feed, clock, random };
  await startEvalWorker({ ...evals, runner: createModelRunner(chat, evaluator), project: defaultProjectId, log });
  return {
    ...createAuditHandlers({ audit: records.audit }),
    ...createLedgerHandlers({ ledger: base.ledger }),
    ...createTraceHandlers({ spans, scores, feed, clock, random }),
    ...createRegistryHandlers({
      models: records.models,
      feed,
      checker,
      clock,
      random,
      changed: () => base.deployments.refresh(),
    }),
    ...createDatasetHandlers({ datasets, examples, spans, feed, clock, random }),
    ...createEvalHandlers({ ...evals, routes: chat.routes }),
  };
}

/**
 * The only file that knows every concrete class: reads the configuration, opens the stores, wires the features.
 * @throws WheelhouseError `config_invalid`, `bind_refused`, `data_dir_locked`, `port_in_use`, `store_unavailable`
 */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const config = await loadConfig(options);
  const log = pino({ level: options.log ?? 'error' }, pino.destination(2));
  const version = readVersion();
  const closers: Closers = [];
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    refuseLoop(config, config.port);
    const base = await openFoundation(config, log, closers);
    const { telemetry, ledger, sink, deployments } = base;
    const nowMs = () => nanosToMs(base.clock.now());
    const gateway = createGateway({
      ...base.chat,
      models: deployments,
      baseModels: simModels.map((m) => `sim/${m}`),
      startedAt: Math.floor(nowMs() / 1000),
    });
    const serverInfo = createServerInfo(config, { version, counts: () => spanCounts(ledger.read()) });
    const live = createLiveStream({ feed: base.feed, spans: telemetry.spans, project: defaultProjectId, log });
    const http = createHttpServer({
      guard: { adminKey: config.adminKey, hosts: config.hosts, origins: config.origins, nowMs },
      bodyLimit: config.limits.bodyBytes,
      version,
      handlers: { ...serverInfo.handlers, ...(await openFeatures(base)) },
      gateway: gateway.handle,
      otlp: createOtlpHandler({ sink, ledger, bodyLimit: config.limits.bodyBytes }),
      live: live.handle,
      webRoot: options.webRoot,
      ready: () => base.ping(),
      log,
    });
    const port = await http.listen(config.port, config.host);
    refuseLoop(config, port);
    serverInfo.listening(port);
    closers.push(async () => {
      live.close();
      await http.drain(drainBoundMs);
    });
    const { data, next } = await telemetry.spans.listTraces(defaultProjectId, { limit: 100 });
    return {
      url: serverInfo.url(),
      port,
      info: {
        version,
        dataDir: config.dir,
        storeSummary: storeSummary(data.length, next !== null),
        keys: keysSentence(config),
        configFile: config.file,
      },
      stop: closeAll,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** Dropped are the gateway's alone: exporters hear of theirs and send them again. */
function spanCounts({ sources }: LedgerBody): { stored: number; dropped: number } {
  return {
    stored: sources.reduce((sum, source) => sum + source.stored, 0),
    dropped: sources.find(({ source }) => source === 'gateway')?.rejected ?? 0,
  };
}

function storeSummary(traces: number, more: boolean): string {
  if (traces === 0) return 'empty';
  return `${traces}${more ? '+' : ''} ${traces === 1 ? 'trace' : 'traces'}`;
}
