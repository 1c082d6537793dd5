import type { Handlers } from '@wheelhouse/core/contract';
import type { ProjectId, Score } from '@wheelhouse/core/records';
import { createAuditHandlers } from './access/index.ts';
import { createProviderHandlers } from './credentials/index.ts';
import { createDatasetHandlers } from './datasets/index.ts';
import { createEvalHandlers, startEvalWorker } from './evals/index.ts';
import { createLedgerHandlers, createOtlpHandler, createVendorDoors } from './ingest/index.ts';
import { openAttention } from './open-attention.ts';
import type { Foundation } from './open-foundation.ts';
import { openPrompts, openRegistry } from './open-registry.ts';
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

/** The features behind the API's routes; starts the evaluation worker. */
export async function openFeatures(base: Foundation): Promise<Omit<Handlers, 'getServer'>> {
  const { records, telemetry, feed, clock, random, jobs, log } = base;
  const { comparisons, datasets } = records;
  const { cells, examples, spans, scores } = telemetry;
  const evals = { comparisons, cells, datasets, examples, jobs, feed, checker: base.checker, clock, random };
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
  const { deletions, comments } = records;
  await startDeletionWorker({ deletions, comments, jobs, ...erasing, feed });
  await startEvalWorker({ ...evals, runnerOf: base.runnerOf, log });
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
    ...createViewHandlers({ views: records.views, clock, random }),
    ...createRetentionHandlers(base.keeping),
    ...createRenormalizationHandlers(renormalizing),
    ...createExportHandlers(exporting),
    ...createDeletionHandlers({ deletions: records.deletions, jobs, clock, random }),
    ...openRegistry(base),
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
  return { otlp: letters.door(otlp), doors: vendors.map((door) => letters.door(door)) };
}
