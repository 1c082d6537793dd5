import { join } from 'node:path';
import type { Clock } from '@wheelhouse/core/ports';
import type { JsonObject, PriceRow, ProjectId, Release } from '@wheelhouse/core/records';
import { simEmbeddingModel, simModels } from '@wheelhouse/core/sim';
import type { Logger } from 'pino';
import { createAbuseGate } from './abuse/index.ts';
import { type Access, openAccess } from './access/index.ts';
import type { Config } from './config.ts';
import { createCredentialReader } from './credentials/index.ts';
import { openKeptCells } from './evals/index.ts';
import { createMetrics } from './gateway/index.ts';
import { startHeartbeat } from './heartbeat.ts';
import { createDeadLetters, createSpanSink, newToken, openLedger, serverOf } from './ingest/index.ts';
import { openJobs } from './jobs/index.ts';
import { meterSpans } from './meter-spans.ts';
import { createResponseState } from './objects/index.ts';
import { openAttachments } from './open-attachments.ts';
import { openCallControl } from './open-call-control.ts';
import { openDatasets } from './open-datasets.ts';
import { openGateway } from './open-gateway.ts';
import { openModels } from './open-models.ts';
import { openObjects } from './open-objects.ts';
import { openRecording } from './open-recording.ts';
import { openRemovals } from './open-removals.ts';
import { startReviewRules, traceRowsOf } from './open-review-rules.ts';
import { openRouting } from './open-routing.ts';
import { pollChanges } from './poll-changes.ts';
import { type OwnAddress, postToSelf } from './post-to-self.ts';
import { createPriceReader, openCatalogue } from './prices/index.ts';
import { openProviders } from './providers/open-providers.ts';
import { createSim } from './providers/sim/create-sim.ts';
import { createDeploymentReader } from './registry/index.ts';
import { createCallCopier } from './releases/index.ts';
import { repeat, type Worker } from './repeat.ts';
import { createSecretBox } from './secret-box.ts';
import { startReleaseWatch } from './start-release-watch.ts';
import type { Engines } from './stores/open-engines.ts';
import { openStores } from './stores/open-stores.ts';
import { createSchemaChecker } from './tools/schema-checker.ts';
import { createLiveFeed, removeOldTraces, removeOldTracesEveryMs } from './traces/index.ts';
import { vendorChanges } from './vendor-changes.ts';
import { createBreathe, createClock, systemRandom } from './world.ts';

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

export type Closers = (() => Promise<void> | void)[];

const replicaPollMs = 300;

/** The ledger of spans, and what doors refused. Dead letters come back through the server's own port. */
async function openBooks(
  config: Config,
  { records }: Awaited<ReturnType<typeof openStores>>,
  given: { log: Logger; clock: Clock; own: OwnAddress },
) {
  const random = systemRandom;
  const { log, clock, own } = given;
  const letters = createDeadLetters({
    store: records.deadLetters,
    clock,
    random,
    log,
    send: (letter, headers) => postToSelf(own, letter, headers),
  });
  const server = await serverOf(config.dir, () => newToken(random));
  const ledger = await openLedger({ store: records.ledgers, server, clock, letters, log });
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
  const projects = () => access.reader.projects().map(({ id }) => id);
  const prices = createPriceReader({ store: records.prices, projects, catalogue, builtIn: simPrices });
  const deployments = createDeploymentReader(records.models, projects);
  const refresh = async () => {
    // The others read project by project.
    await access.reader.refresh();
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

/** Removes old traces, now and then once an hour. */
function startRetention(deps: Parameters<typeof removeOldTraces>[0], log: Logger): Worker {
  const retention = repeat((stopping) => removeOldTraces(deps, stopping), {
    everyMs: removeOldTracesEveryMs,
    onError: (err) => log.error({ err }, 'old traces could not be removed; tried again in an hour'),
  });
  void retention.run();
  return retention;
}

/** Opens what everything stands on; whatever is opened is closed again by `closers`, last first. */
export async function openFoundation({ config, log, engines }: Parts, closers: Closers) {
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
  closers.push(startRetention({ ...keeping, eraser: stores.telemetry.eraser, clock }, log).stop);
  const feed = createLiveFeed(log);
  // Whoever hears of a trace finds it in the lists.
  stores.telemetry.summaries.onSummarized((project, traceIds) => feed.publish({ type: 'traces', project, traceIds }));
  const { providers, box, credentials } = openAccounts(config, stores, log);
  closers.push(() => providers.close());
  const control = await openCallControl(config, stores, { log, clock, random });
  closers.push(() => control.close());
  const gate = createAbuseGate({ store: stores.records.abuse, nowMs: () => Date.now() });
  const others = [credentials, control, gate];
  const { catalogue, prices, deployments } = await openReaders(config, stores, { log, closers, access, others });
  const own: OwnAddress = { host: config.host, port: config.port, adminKey: config.adminKey };
  const { letters, ledger } = await openBooks(config, stores, { log, clock, own });
  closers.push(() => ledger.close());
  const sink = createSpanSink({ store: stores.telemetry.spans, prices, random, ledger });
  closers.push(() => sink.close());
  const metrics = createMetrics();
  const recorder = openRecording({
    ...{ clickhouseUrl: (await engines).clickhouseUrl, dir: config.dir, builtIn: simPrices },
    ...{ prices, telemetry: stores.telemetry, ledger, metrics, log },
  });
  closers.push(() => recorder.close());
  const jobs = openJobs({ store: stores.records.jobs, exclusive: stores.exclusive, log });
  // Running evaluations end first: they still call providers and record spans.
  closers.push(() => jobs.stop());
  const checker = createSchemaChecker();
  const routing = openRouting({
    ...{ config, providers, log },
    find: (project, name) => deployments.of(project).model(name),
    port: () => own.port,
  });
  const state = createResponseState({ store: stores.records.responses, jobs, log });
  closers.push(() => state.close());
  const { hosts } = stores.records;
  const reached = { ...stores.telemetry, hosts, box, providers, routing, sink };
  const copier = createCallCopier({ log });
  const models = openModels(config, { ...reached, copier, checker, clock, random, log });
  closers.push(models.close);
  const { stop, handlers, registry, ...calls } = openGateway({
    ...{ providers, routing, recorder, metrics, prices, checker, copier, clock, random, log, state },
    models: (project) => deployments.of(project),
    admission: control.admission,
    gate,
    cache: control.cache,
    predictorOver: models.over,
  });
  closers.push(stop);
  closers.push(() => copier.stop());
  meterSpans(registry, ledger);
  const objects = await openObjects(config, { records: stores.records, jobs, call: calls.call, clock, random, log });
  closers.push(objects.stop);
  const attachments = openAttachments(config, { ...stores, blobs: objects.blobs, ledger, clock, random, log });
  closers.push(attachments.stop);
  const sets = await openDatasets(config, {
    ...{ ...stores, blobs: objects.blobs, jobs, feed, checker, routing, runnerOf: calls.runnerOf, clock, random, log },
    models: (project) => deployments.of(project),
  });
  closers.push(sets.stop);
  closers.push(startReviewRules({ ...stores, feed, clock, log }));
  const { dueWork } = stores.records;
  const heartbeat = startHeartbeat(
    { dueWork, clock },
    { onError: (err) => log.error({ err }, 'what is due cannot be asked for; trying again') },
  );
  closers.push(() => heartbeat.stop());
  const watching = {
    ...{ releases: stores.records.releases, telemetry: stores.telemetry.releases, feed, log },
    ...{ isAny: deployments.hasReleases, traceRows: traceRowsOf(stores.telemetry), rows: sets.rowAdder },
    vendorChanges: (project: ProjectId, release: Release) => vendorChanges(stores.records, project, release),
    blocker: (project: ProjectId, model: string) => stores.records.issues.blocker(project, model),
    changed: () => deployments.refresh(),
  };
  const watch = startReleaseWatch(watching, heartbeat);
  closers.push(() => watch.stop());
  const removals = await openRemovals({ ...stores, access, blobs: objects.blobs, jobs, log });
  closers.push(removals.stop);
  const priced = { catalogue, prices };
  const keptCells = await openKeptCells(join(config.dir, 'answers'));
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
    ...{ ledger, letters, own, sink, jobs, checker },
    ...calls,
    models,
    objects,
    attachments,
    removals,
    sets,
    keptCells,
    gatewayHandlers: handlers,
    recorder,
    providers,
    box,
    credentials,
    control,
    gate,
    routing,
    heartbeat,
  };
}

export type Foundation = Awaited<ReturnType<typeof openFoundation>>;
