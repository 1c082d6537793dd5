import { join } from 'node:path';
import type { Handlers, LedgerBody } from '@wheelhouse/core/contract';
import type { Clock } from '@wheelhouse/core/ports';
import {
  type Caller,
  defaultProjectId,
  everyTrace,
  type JsonObject,
  nanosToMs,
  type PriceRow,
  type ProjectId,
  type Score,
} from '@wheelhouse/core/records';
import { simEmbeddingModel, simModels } from '@wheelhouse/core/sim';
import type { Logger } from 'pino';
import { type Access, createAuditHandlers, openAccess } from './access/index.ts';
import type { Config } from './config.ts';
import { createCredentialReader, createProviderHandlers } from './credentials/index.ts';
import { createDatasetHandlers } from './datasets/index.ts';
import { createEvalHandlers, startEvalWorker } from './evals/index.ts';
import { createInnerCall, createModelRunner } from './gateway/index.ts';
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
import { createResponseState } from './objects/index.ts';
import { openCallControl } from './open-call-control.ts';
import { openGateway } from './open-gateway.ts';
import { openObjects } from './open-objects.ts';
import { openRouting, withoutLoops } from './open-routing.ts';
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
import { openProviders } from './providers/open-providers.ts';
import { createSim } from './providers/sim/create-sim.ts';
import { createDeploymentReader } from './registry/deployment-reader.ts';
import { createRegistryHandlers } from './registry/registry.ts';
import { createSecretBox } from './secret-box.ts';
import { createServerInfo, keysSentence } from './server-info.ts';
import type { Engines } from './stores/open-engines.ts';
import { openStores } from './stores/open-stores.ts';
import { createSchemaChecker } from './tools/schema-checker.ts';
import {
  createDeletionHandlers,
  createExportHandlers,
  createLiveFeed,
  createLiveStream,
  createQueryHandlers,
  createRenormalizationHandlers,
  createRetentionHandlers,
  createScoreHandlers,
  createSqlHandlers,
  createStoredExports,
  createTraceExport,
  createTraceHandlers,
  createViewHandlers,
  startDeletionWorker,
  startExportWorker,
  startRenormalizationWorker,
  startRetention,
} from './traces/index.ts';
import { readVersion } from './version.ts';
import { createBreathe, createClock, systemRandom } from './world.ts';

export type RunningServer = {
  url: string;
  port: number;
  info: { version: string; dataDir: string; storeSummary: string; keys: string; configFile: string | null };
  /**
   * Puts another configuration in force: its providers, routes and gateway settings.
   * @throws WheelhouseError `config_invalid`, and nothing has changed
   */
  configure(config: Config): void;
  /** Lets running answers end, stores what is buffered, closes the stores. */
  stop(): Promise<void>;
};

const drainBoundMs = 20_000;
const replicaPollMs = 300;

/** The simulated model costs nothing unless a request says otherwise. */
const simPrices: PriceRow[] = [...simModels, simEmbeddingModel].flatMap((model) =>
  [model, `sim/${model}`].map((name) => ({
    id: `sim/${model}`,
    provider: 'sim',
    model: name,
    validFrom: null,
    perMillion: { inputUncached: 0n, outputText: 0n },
  })),
);

/** Everyone who can be called: the simulated model, what is configured, and what projects set up. */
function openAccounts(config: Config, { records }: Awaited<ReturnType<typeof openStores>>, log: Logger) {
  const sim = createSim({
    defaults: config.sim as JsonObject,
    nowMs: () => Date.now(),
    newId: () => `chatcmpl-sim-${Buffer.from(systemRandom.bytes(12)).toString('base64url')}`,
  });
  const providers = openProviders({ setups: config.providers, builtIn: [sim], nowMs: () => Date.now() });
  const box = createSecretBox({ given: config.secretKey, dir: config.dir, shared: config.databaseUrl !== null });
  const credentials = createCredentialReader({ store: records.providers, box, catalogue: providers, log });
  return { providers, box, credentials };
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
    clock,
    random,
    log,
    send: (letter, headers) => postToSelf(own, letter, headers),
  });
  const server = await serverOf(config.dir, () => newToken(random));
  const ledger = await openLedger({ store: records.ledgers, project, server, clock, letters, log });
  return { letters, ledger };
}

/** What the hot path reads, in memory: refreshed at once here, and by polling where other replicas may change it. */
async function openReaders(
  config: Config,
  { records }: Awaited<ReturnType<typeof openStores>>,
  {
    log,
    closers,
    access,
    others,
  }: { log: Logger; closers: Closers; access: Access; others: { refresh(): Promise<void> }[] },
) {
  const catalogue = openCatalogue();
  const projects = () => access.projects().map(({ id }) => id);
  const prices = createPriceReader({ store: records.prices, projects, catalogue, builtIn: simPrices });
  const deployments = createDeploymentReader(records.models, projects);
  const refresh = async () => {
    // The others read project by project.
    await access.refresh();
    await Promise.all([deployments, prices, ...others].map((reader) => reader.refresh()));
  };
  await refresh();
  if (config.databaseUrl !== null)
    closers.push(
      pollChanges({
        counter: () => records.models.changeCounter(),
        refresh,
        everyMs: replicaPollMs,
        onError: (err) => log.error({ err }, 'what other replicas changed is not read'),
      }),
    );
  return { catalogue, prices, deployments };
}

/** Opens what everything stands on; whatever is opened is closed again by `closers`, last first. */
async function openFoundation({ config, log, engines }: Parts, closers: Closers) {
  const clock = createClock();
  const random = systemRandom;
  const breathe = createBreathe();
  const stores = await openStores(await engines, log, breathe);
  closers.push(() => stores.close());
  const access = openAccess({
    ...{ store: stores.records.access, random, adminKey: config.adminKey, oidc: config.oidc, log },
    nowMs: () => Date.now(),
    shared: config.databaseUrl !== null,
  });
  closers.push(() => access.close());
  const keeping = { store: stores.records.retention, serverDays: config.keepTraceDays ?? 'forever' } as const;
  const retention = startRetention({ ...keeping, eraser: stores.telemetry.eraser, clock, log });
  closers.push(() => retention.stop());
  const feed = createLiveFeed(log);
  // Whoever hears of a trace finds it in the lists.
  stores.telemetry.summaries.onSummarized((project, traceIds) => feed.publish({ type: 'traces', project, traceIds }));
  const { providers, box, credentials } = openAccounts(config, stores, log);
  closers.push(() => providers.close());
  const control = await openCallControl(config, stores, { log, clock, random });
  closers.push(() => control.close());
  const others = [credentials, control];
  const { catalogue, prices, deployments } = await openReaders(config, stores, { log, closers, access, others });
  const own: OwnAddress = { host: config.host, port: config.port, adminKey: config.adminKey };
  const { letters, ledger } = await openBooks(config, stores, { log, clock, own });
  closers.push(() => ledger.close());
  const sink = createSpanSink({
    store: stores.telemetry.spans,
    prices,
    random,
    breathe,
    ledger,
    spill: await openSpill({ dir: join(config.dir, 'spill'), newToken: () => newToken(random), log }),
    log,
  });
  closers.push(() => sink.close());
  const jobs = openJobs({ store: stores.records.jobs, exclusive: stores.exclusive, log });
  // Running evaluations end first: they still call providers and record spans.
  closers.push(() => jobs.stop());
  const checker = createSchemaChecker();
  const routing = openRouting({
    config,
    providers,
    find: (project, name) => deployments.of(project).model(name),
    port: () => own.port,
    log,
  });
  const state = createResponseState({ store: stores.records.responses, log });
  closers.push(() => state.close());
  const { gateway, sendMetrics, inside, stop, handlers } = openGateway({
    ...{ providers, routing, sink, prices, checker, clock, random, log, state },
    models: (project) => deployments.of(project),
    admission: control.admission,
    cache: control.cache,
  });
  closers.push(stop);
  const call = createInnerCall(inside);
  const objects = await openObjects(config, { records: stores.records, jobs, call, clock, random, log });
  closers.push(objects.stop);
  const priced = { catalogue, prices };
  return {
    ...stores,
    ...priced,
    access,
    keeping,
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
    gateway,
    objects,
    gatewayHandlers: handlers,
    sendMetrics,
    inside,
    providers,
    box,
    credentials,
    control,
    routing,
  };
}

type Foundation = Awaited<ReturnType<typeof openFoundation>>;

/** The features behind the API's routes; starts the evaluation worker. */
async function openFeatures(base: Foundation): Promise<Omit<Handlers, 'getServer'>> {
  const { records, telemetry, feed, clock, random, jobs, log, checker } = base;
  const runnerOf = (project: ProjectId) => {
    const by: Caller = { project, actor: 'evaluation', role: 'editor', key: null, person: null, team: null };
    return createModelRunner(base.inside, by);
  };
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
  };
  await startRepricingWorker(repricing);
  const renormalizing = { ...repricing, store: records.renormalizations, fragments: telemetry.fragments };
  await startRenormalizationWorker(renormalizing);
  const exporting = {
    ...{ store: records.exports, blobs: base.objects.blobs, queries: telemetry.queries, scores },
    ...{ spans: telemetry.wholeSpans, jobs, clock, random, log },
  };
  await startExportWorker(exporting);
  await startDeletionWorker({ deletions: records.deletions, jobs, eraser: telemetry.eraser, datasets, examples, feed });
  await startEvalWorker({ ...evals, runnerOf, log });
  return {
    ...base.access.handlers,
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
    ...createProviderHandlers({
      store: records.providers,
      catalogue: base.providers,
      box: base.box,
      clock,
      random,
      changed: () => base.credentials.refresh(),
    }),
    ...base.control.handlers,
    ...base.gatewayHandlers,
    ...createViewHandlers({ views: records.views, clock, random }),
    ...createRetentionHandlers(base.keeping),
    ...createRenormalizationHandlers(renormalizing),
    ...createExportHandlers(exporting),
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
    ...createEvalHandlers({ ...evals, routes: (project) => base.routing.table(project) }),
  };
}

async function saveScores({ telemetry, feed }: Foundation, project: ProjectId, scores: Score[]): Promise<void> {
  await telemetry.scores.put(project, scores);
  const traceIds = scores.flatMap(({ traceId }) => traceId ?? []);
  if (traceIds.length > 0) feed.publish({ type: 'scores', project, traceIds });
}

/** The ways in for spans, of OpenTelemetry and of the vendors whose SDKs find their own paths here. */
function openDoors(base: Foundation, { version, bodyLimit }: { version: string; bodyLimit: number }) {
  const { sink, ledger, letters, log, clock, random, feed, telemetry } = base;
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
    prices: base.prices,
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
    withoutLoops(config.providers, config.port);
    const base = await openFoundation(parts, closers);
    const { telemetry, ledger, clock, feed } = base;
    const nowMs = () => nanosToMs(clock.now());
    const serverInfo = createServerInfo(base.routing.config, { version, counts: () => spanCounts(ledger.read()) });
    const live = createLiveStream({ feed, queries: telemetry.queries, clock, log });
    const http = createHttpServer({
      guard: { adminKey: config.adminKey, hosts: config.hosts, origins: config.origins, gate: base.access.gate },
      signIns: base.access.signIns,
      nowMs,
      bodyLimit: config.limits.bodyBytes,
      version,
      handlers: { ...serverInfo.handlers, ...(await openFeatures(base)) },
      gateway: base.objects.before(base.gateway),
      metrics: base.sendMetrics,
      ...openDoors(base, { version, bodyLimit: config.limits.bodyBytes }),
      live: live.handle,
      exports: createTraceExport({
        queries: telemetry.queries,
        spans: telemetry.wholeSpans,
        scores: telemetry.scores,
        stored: createStoredExports({ store: base.records.exports, blobs: base.objects.blobs }),
        clock,
        createdBy: `wheelhouse ${version}`,
      }),
      webRoot: parts.webRoot,
      ready: () => base.ping(),
      log,
    });
    const port = await http.listen(config.port, config.host);
    serverInfo.listening(port);
    base.own.port = port;
    base.routing.configure(config);
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
      configure(next) {
        base.routing.configure(next);
        base.control.setCachePolicies(next.cache.policies);
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
