import type {
  AbuseRouteId,
  Handlers,
  IssueRouteId,
  MonitorRouteId,
  PipelineRouteId,
  TrackingRouteId,
} from '@wheelhouse/core/contract';
import type { CancelSignal } from '@wheelhouse/core/ports';
import type { ProjectId, Score, TraceId } from '@wheelhouse/core/records';
import { createAuditHandlers } from './access/index.ts';
import { createProviderHandlers } from './credentials/index.ts';
import {
  createEvalHandlers,
  createScoringHandlers,
  nodeTimer,
  startEvalWorker,
  startScoringWorker,
} from './evals/index.ts';
import { createLedgerHandlers, createOtlpHandler, createVendorDoors } from './ingest/index.ts';
import { createSpansOfTrace, sleep } from './models/index.ts';
import { openAttention } from './open-attention.ts';
import { openDashboards } from './open-dashboards.ts';
import type { Closers, Foundation } from './open-foundation.ts';
import { judgingIn, openOnline } from './open-online.ts';
import { openOptimizations } from './open-optimizations.ts';
import { openPrompts, openRegistry } from './open-registry.ts';
import { openReleases } from './open-releases.ts';
import { openReplays } from './open-replays.ts';
import { openFeedback, openReview } from './open-review.ts';
import {
  createPriceHandlers,
  createReconcileHandlers,
  createRepricingHandlers,
  startRepricingWorker,
} from './prices/index.ts';
import {
  createDeletionHandlers,
  createExportHandlers,
  createQueryHandlers,
  createRenormalizationHandlers,
  createRetentionHandlers,
  createScoreHandlers,
  createSqlHandlers,
  createTraceHandlers,
  createViewHandlers,
  startDeletionWorker,
  startExportWorker,
  startRenormalizationWorker,
} from './traces/index.ts';

/** The features behind the API's routes; starts what works on what they keep, and adds what ends it. */
export async function openFeatures(
  base: Foundation,
  closers: Closers,
): Promise<
  Omit<Handlers, 'getServer' | AbuseRouteId | IssueRouteId | MonitorRouteId | PipelineRouteId | TrackingRouteId>
> {
  const { records, telemetry, feed, clock, random, jobs, log } = base;
  const { evaluations, datasets } = records;
  const { cells, examples, spans, scores } = telemetry;
  const evals = { evaluations, cells, datasets, examples, jobs, feed, checker: base.checker, clock, random };
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
  const erasing = { eraser: telemetry.eraser, attachments: base.attachments.eraser, datasets, examples };
  const { deletions } = records;
  /** What people said of traces goes with them. */
  const comments = {
    async eraseOn(project: ProjectId, traces: TraceId[]) {
      await records.comments.eraseOn(project, traces);
      await records.review.eraseOn(project, traces);
    },
  };
  await startDeletionWorker({ deletions, comments, jobs, ...erasing, feed });
  const spansOf = createSpansOfTrace({ spans: telemetry.wholeSpans, sleep });
  const worldOf = (project: ProjectId) => ({
    ...{ runner: base.runnerOf(project), embedder: base.embedderOf(project), sandbox: base.models.sandbox },
    spansOf: (traceId: TraceId, signal: CancelSignal) => spansOf(project, traceId, signal),
  });
  const scoringOf = (project: ProjectId) => judgingIn(worldOf(project));
  const judging = { scoringOf, timer: nodeTimer };
  await startEvalWorker({ ...evals, ...judging, kept: base.keptCells, log });
  const scoring = {
    ...{ ...judging, scorings: records.scorings, scores, feed, jobs, clock, random, checker: base.checker, log },
    ...{ queries: telemetry.queries, wholeSpans: telemetry.wholeSpans, prices: base.prices },
    routes: (project: ProjectId) => base.routing.table(project),
  };
  await startScoringWorker(scoring);
  const scorings = createScoringHandlers(scoring);
  const online = openOnline(base, { scoringOf, scoring: scorings });
  closers.push(online.stop);
  const registry = openRegistry(base);
  const optimizations = await openOptimizations(base, { scoringOf: worldOf, registry });
  const evalHandlers = createEvalHandlers({
    ...{ ...evals, ...judging, prices: base.prices, traffic: telemetry.traffic },
    routes: (project) => base.routing.table(project),
  });
  const ledger = createLedgerHandlers({ ledger: base.ledger, letters: base.letters, store: records.deadLetters });
  return {
    ...base.access.handlers,
    ...base.removals.handlers,
    ...base.attachments.handlers,
    ...createAuditHandlers({ audit: records.audit }),
    ...ledger,
    ...openAttention(base, { ...ledger, ...base.control.handlers, ...base.gatewayHandlers }),
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
    ...base.models.handlers,
    ...openDashboards(base),
    ...createViewHandlers({ views: records.views, clock, random }),
    ...createRetentionHandlers(base.keeping),
    ...createRenormalizationHandlers(renormalizing),
    ...createExportHandlers(exporting),
    ...createDeletionHandlers({ deletions: records.deletions, jobs, clock, random }),
    ...registry,
    ...optimizations,
    ...openReleases(base),
    ...openReview(base),
    ...base.sets.handlers,
    ...scorings,
    ...online.handlers,
    ...evalHandlers,
    ...openReplays(base, { ...registry, ...base.sets.handlers, ...evalHandlers }),
  };
}

async function saveScores({ telemetry, feed }: Foundation, project: ProjectId, scores: Score[]): Promise<void> {
  await telemetry.scores.put(project, scores);
  const traceIds = scores.flatMap(({ traceId }) => traceId ?? []);
  if (traceIds.length > 0) feed.publish({ type: 'scores', project, traceIds });
}

/** The ways in for spans, of OpenTelemetry and of the vendors whose SDKs find their own paths here. */
export function openDoors(base: Foundation, { version, bodyLimit }: { version: string; bodyLimit: number }) {
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
    attachments: base.attachments.keeper,
    prompts: openPrompts(base),
    version,
    bodyLimit,
  });
  return {
    otlp: letters.door(otlp),
    doors: vendors.map((door) => letters.door(door)),
    feedback: openFeedback(base),
  };
}
