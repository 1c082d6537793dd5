import { join } from 'node:path';
import type { Handlers, LedgerBody } from '@wheelhouse/core/contract';
import type { Clock, DialectForward } from '@wheelhouse/core/ports';
import {
  type Actor,
  defaultProjectId,
  everyTrace,
  type JsonObject,
  nanosToMs,
  type PriceRow,
  type ProjectId,
  type Score,
  WheelhouseError,
} from '@wheelhouse/core/records';
import type { RouteTable } from '@wheelhouse/core/route';
import { simModels } from '@wheelhouse/core/sim';
import type { Logger } from 'pino';
import { createAuditHandlers } from './access/audit.ts';
import type { Config } from './config.ts';
import { createDatasetHandlers } from './datasets/index.ts';
import { createEvalHandlers, startEvalWorker } from './evals/index.ts';
import type { ChatDeps } from './gateway/chat-call.ts';
import { createGateway } from './gateway/gateway.ts';
import { createModelRunner } from './gateway/model-runner.ts';
import { createHttpServer } from './http/server.ts';
import {
  createDeadLetters,
  createLedgerHandlers,
  createOtlpHandler,
  createSpanSink,
  createVendorDoors,
  newToken,
  openLedger,
  openSpill,
  serverOf,
} from './ingest/index.ts';
import { openJobs } from './jobs/index.ts';
import { pollChanges } from './poll-changes.ts';
import { type OwnAddress, postToSelf } from './post-to-self.ts';
import {
  createPriceHandlers,
  createPriceReader,
  createReconcileHandlers,
  createRepricingHandlers,
  openCatalogue,
  startRepricingWorker,
} from './prices/index.ts';
import { createOpenAiCompatible } from './providers/openai-compatible/forward.ts';
import { createSimForward } from './providers/sim/forward.ts';
import { createDeploymentReader } from './registry/deployment-reader.ts';
import { createRegistryHandlers } from './registry/registry.ts';
import { createServerInfo, keysSentence } from './server-info.ts';
import type { Engines } from './stores/open-engines.ts';
import { openStores } from './stores/open-stores.ts';
import { createSchemaChecker } from './tools/schema-checker.ts';
import {
  createDeletionHandlers,
  createLiveFeed,
  createLiveStream,
  createQueryHandlers,
  createScoreHandlers,
  createSqlHandlers,
  createTraceExport,
  createTraceHandlers,
  createViewHandlers,
  startDeletionWorker,
  startRetention,
} from './traces/index.ts';
import { readVersion } from './version.ts';
import { createClock, systemRandom } from './world.ts';

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

export type Parts = {
  config: Config;
  log: Logger;
  /** Starting while the program loads. */
  engines: Promise<Engines>;
  /** Folder of the built web app; null serves the API alone. */
  webRoot: string | null;
};

type Closers = (() => Promise<void> | void)[];

/** The ledger of spans, and what doors refused. Dead letters come back through the server's own port. */
async function openBooks(
  config: Config,
  { records }: Awaited<ReturnType<typeof openStores>>,
  given: { log: Logger; clock: Clock; own: OwnAddress },
) {
  const random = systemRandom;
  const project = defaultProjectId;
  const { log, clock, own } = given;
  const letters = createDeadLetters({
    store: records.deadLetters,
    project,
    clock,
    random,
    log,
    send: (letter, header) => postToSelf(own, letter, header),
  });
  const server = await serverOf(config.dir, () => newToken(random));
  const ledger = await openLedger({ store: records.ledgers, project, server, clock, letters, log });
  return { letters, ledger };
}

/** What the hot path reads, in memory: refreshed at once here, and by polling where other replicas may change it. */
async function openReaders(
  config: Config,
  { records }: Awaited<ReturnType<typeof openStores>>,
  { log, closers }: { log: Logger; closers: Closers },
) {
  const catalogue = openCatalogue();
  const project = defaultProjectId;
  const prices = createPriceReader({ store: records.prices, project, catalogue, builtIn: simPrices });
  const deployments = createDeploymentReader(records.models, project);
  const refresh = () => Promise.all([deployments.refresh(), prices.refresh()]);
  await refresh();
  if (config.databaseUrl !== null)
    closers.push(
      pollChanges({
        counter: () => records.models.changeCounter(),
        refresh,
        everyMs: replicaPollMs,
        onError: (err) => log.error({ err }, 'models and prices not refreshed'),
      }),
    );
  return { catalogue, prices, deployments };
}

/** Opens what everything stands on; whatever is opened is closed again by `closers`, last first. */
async function openFoundation({ config, log, engines }: Parts, closers: Closers) {
  const clock = createClock();
  const random = systemRandom;
  const stores = await openStores(await engines, log);
  closers.push(() => stores.close());
  if (config.keepTraceDays !== null) {
    const { eraser } = stores.telemetry;
    const retention = startRetention({ eraser, clock, project: defaultProjectId, days: config.keepTraceDays, log });
    closers.push(() => retention.stop());
  }
  const feed = createLiveFeed(log);
  // Whoever hears of a trace finds it in the lists.
  stores.telemetry.summaries.onSummarized((_, traceIds) => feed.publish({ type: 'traces', traceIds }));
  const { catalogue, prices, deployments } = await openReaders(config, stores, { log, closers });
  const own: OwnAddress = { host: config.host, port: config.port, adminKey: config.adminKey };
  const { letters, ledger } = await openBooks(config, stores, { log, clock, own });
  closers.push(() => ledger.close());
  const sink = createSpanSink({
    store: stores.telemetry.spans,
    prices,
    random,
    ledger,
    spill: await openSpill({ dir: join(config.dir, 'spill'), newToken: () => newToken(random), log }),
    log,
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
  const priced = { catalogue, prices };
  return {
    ...stores,
    ...priced,
    log,
    clock,
    random,
    feed,
    deployments,
    ledger,
    letters,
    own,
    sink,
    jobs,
    checker,
    chat,
  };
}

type Foundation = Awaited<ReturnType<typeof openFoundation>>;

/** The features behind the API's routes; starts the evaluation worker. */
async function openFeatures(base: Foundation): Promise<Omit<Handlers, 'getServer'>> {
  const { records, telemetry, feed, clock, random, jobs, log, checker, chat } = base;
  const evaluator: Actor = { project: defaultProjectId, actor: 'evaluation' };
  const { comparisons, datasets } = records;
  const { cells, examples, spans, scores } = telemetry;
  const evals = { comparisons, cells, datasets, examples, jobs, feed, clock, random };
  const repricing = {
    store: records.repricings,
    costs: telemetry.costs,
    spans,
    prices: base.prices,
    jobs,
    clock,
    random,
    log,
    project: defaultProjectId,
  };
  await startRepricingWorker(repricing);
  await startDeletionWorker({ deletions: records.deletions, jobs, eraser: telemetry.eraser });
  await startEvalWorker({ ...evals, runner: createModelRunner(chat, evaluator), project: defaultProjectId, log });
  return {
    ...createAuditHandlers({ audit: records.audit }),
    ...createLedgerHandlers({ ledger: base.ledger, letters: base.letters, store: records.deadLetters }),
    ...createPriceHandlers({
      store: records.prices,
      catalogue: base.catalogue,
      clock,
      random,
      changed: () => base.prices.refresh(),
    }),
    ...createRepricingHandlers(repricing),
    ...createReconcileHandlers({ costs: telemetry.costs, catalogue: base.catalogue }),
    ...createTraceHandlers({ spans, scores }),
    ...createQueryHandlers({ queries: telemetry.queries, spans, clock }),
    ...createScoreHandlers({ scores, feed, clock, random }),
    ...createSqlHandlers({ sql: telemetry.sql, clock }),
    ...createViewHandlers({ views: records.views, clock, random }),
    ...createDeletionHandlers({ deletions: records.deletions, jobs, clock, random }),
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

async function saveScores({ telemetry, feed }: Foundation, project: ProjectId, scores: Score[]): Promise<void> {
  await telemetry.scores.put(project, scores);
  const traceIds = scores.flatMap(({ traceId }) => traceId ?? []);
  if (traceIds.length > 0) feed.publish({ type: 'scores', traceIds });
}

/** The ways in for spans, of OpenTelemetry and of the vendors whose SDKs find their own paths here. */
function openDoors(base: Foundation, { version, bodyLimit }: { version: string; bodyLimit: number }) {
  const { sink, ledger, letters, log, clock, random, feed, telemetry, chat } = base;
  const otlp = createOtlpHandler({
    sink,
    ledger,
    log,
    clock,
    bodyLimit,
    saveScores: (project, scores) => saveScores(base, project, scores),
  });
  const vendors = createVendorDoors({
    sink,
    ledger,
    feed,
    clock,
    random,
    finder: telemetry.finder,
    scores: telemetry.scores,
    spans: telemetry.spans,
    wholeSpans: telemetry.wholeSpans,
    prices: chat.prices,
    version,
    bodyLimit,
  });
  return { otlp: letters.door(otlp), doors: vendors.map((door) => letters.door(door)) };
}

/**
 * The only file that knows every concrete class: opens the stores, wires the features, listens.
 * @throws WheelhouseError `config_invalid`, `bind_refused`, `data_dir_locked`, `port_in_use`, `store_unavailable`
 */
export async function assemble(parts: Parts): Promise<RunningServer> {
  const { config, log } = parts;
  const version = readVersion();
  const closers: Closers = [];
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  closers.push(async () => (await parts.engines.catch(() => null))?.close());
  try {
    refuseLoop(config, config.port);
    const base = await openFoundation(parts, closers);
    const { telemetry, ledger, deployments, clock, feed } = base;
    const nowMs = () => nanosToMs(clock.now());
    const gateway = createGateway({
      ...base.chat,
      models: deployments,
      baseModels: simModels.map((m) => `sim/${m}`),
      startedAt: Math.floor(nowMs() / 1000),
    });
    const serverInfo = createServerInfo(config, { version, counts: () => spanCounts(ledger.read()) });
    const live = createLiveStream({ feed, queries: telemetry.queries, clock, project: defaultProjectId, log });
    const http = createHttpServer({
      guard: { adminKey: config.adminKey, hosts: config.hosts, origins: config.origins, nowMs },
      bodyLimit: config.limits.bodyBytes,
      version,
      handlers: { ...serverInfo.handlers, ...(await openFeatures(base)) },
      gateway: gateway.handle,
      ...openDoors(base, { version, bodyLimit: config.limits.bodyBytes }),
      live: live.handle,
      exports: createTraceExport({
        queries: telemetry.queries,
        spans: telemetry.wholeSpans,
        scores: telemetry.scores,
        clock,
        createdBy: `wheelhouse ${version}`,
      }),
      webRoot: parts.webRoot,
      ready: () => base.ping(),
      log,
    });
    const port = await http.listen(config.port, config.host);
    refuseLoop(config, port);
    serverInfo.listening(port);
    base.own.port = port;
    closers.push(async () => {
      live.close();
      await http.drain(drainBoundMs);
    });
    const { data, next } = await telemetry.queries.list(defaultProjectId, {
      filter: everyTrace,
      nowNs: clock.now(),
      limit: 100,
    });
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
function spanCounts({ sources }: Pick<LedgerBody, 'sources'>): { stored: number; dropped: number } {
  return {
    stored: sources.reduce((sum, source) => sum + source.stored, 0),
    dropped: sources.find(({ source }) => source === 'gateway')?.rejected ?? 0,
  };
}

function storeSummary(traces: number, more: boolean): string {
  if (traces === 0) return 'empty';
  return `${traces}${more ? '+' : ''} ${traces === 1 ? 'trace' : 'traces'}`;
}
