import { defaultProjectId, everyTrace, nanosToMs } from '@wheelhouse/core/records';
import type { Config } from './config.ts';
import { createHttpServer } from './http/server.ts';
import type { Ledger } from './ingest/index.ts';
import { openAbuse } from './open-abuse.ts';
import { openDoors, openFeatures } from './open-features.ts';
import { type Closers, openFoundation, type Parts } from './open-foundation.ts';
import { openIssues } from './open-issues.ts';
import { openMonitors } from './open-monitors.ts';
import { openPipelines } from './open-pipelines.ts';
import { withoutLoops } from './open-routing.ts';
import { openTracking } from './open-tracking.ts';
import { createServerInfo, keysSentence } from './server-info.ts';
import { createLiveStream, createStoredExports, createTraceExport } from './traces/index.ts';
import { readVersion } from './version.ts';

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

/**
 * Puts the server together: opens what everything stands on and the features on it, and listens.
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
    const serverInfo = createServerInfo(base.routing.config, { version, counts: () => spanCounts(ledger.totals()) });
    const doors = openDoors(base, { version, bodyLimit: config.limits.bodyBytes });
    const tracking = openTracking(base, config);
    const watching = openMonitors(base, config);
    closers.push(watching.stop);
    const issues = openIssues(base);
    closers.push(() => issues.worker.stop());
    const abuse = openAbuse(base);
    closers.push(() => abuse.worker.stop());
    const features = {
      ...watching.handlers,
      ...issues.handlers,
      ...abuse.handlers,
      ...(await openFeatures(base, closers)),
    };
    const pipelines = openPipelines(base, features);
    closers.push(() => pipelines.stop());
    const live = createLiveStream({ feed, queries: telemetry.queries, clock, log });
    const http = createHttpServer({
      guard: { adminKey: config.adminKey, hosts: config.hosts, origins: config.origins, gate: base.access.gate },
      signIns: base.access.signIns,
      nowMs,
      bodyLimit: config.limits.bodyBytes,
      version,
      handlers: {
        ...serverInfo.handlers,
        ...tracking.handlers,
        ...features,
        ...pipelines.handlers,
      },
      gateway: base.objects.before(base.gateway),
      metrics: base.sendMetrics,
      predict: base.predict,
      ...doors,
      doors: [...doors.doors, ...tracking.doors],
      live: live.handle,
      datasetFiles: base.sets.files,
      attachments: base.attachments.door,
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
    // Calls are answered already; whoever is told that it runs finds in the ledger what was there before.
    await base.recorder.recovered;
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
function spanCounts(sources: ReturnType<Ledger['totals']>): { stored: number; dropped: number } {
  return {
    stored: sources.reduce((sum, source) => sum + source.stored, 0),
    dropped: sources.find(({ source }) => source === 'gateway')?.rejected ?? 0,
  };
}

function storeSummary(traces: number, more: boolean): string {
  if (traces === 0) return 'empty';
  return `${traces}${more ? '+' : ''} ${traces === 1 ? 'trace' : 'traces'}`;
}
