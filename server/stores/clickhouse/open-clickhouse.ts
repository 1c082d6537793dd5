import type {
  AbuseTelemetry,
  AttentionReads,
  Breathe,
  CallCosts,
  CellStore,
  ExampleStore,
  IssueTelemetry,
  MetricHistory,
  ModelTraffic,
  OnlineTelemetry,
  ProjectTelemetryEraser,
  ReleaseTelemetry,
  ScoreStore,
  SpanBatches,
  SpanFinder,
  SpanFragments,
  SpanStore,
  SqlReader,
  TraceEraser,
  TraceFactReads,
  TraceQueries,
  WholeSpans,
} from '@wheelhouse/core/ports';
import type { ProjectId } from '@wheelhouse/core/records';
import { createCallCosts } from './call-costs.ts';
import { createCellStore } from './cell-store.ts';
import { openDatabase } from './database.ts';
import { createExampleStore } from './example-store.ts';
import { createMetricHistory } from './metric-history.ts';
import { type MigrationLog, migrate } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { createPayloadStore } from './payload-store.ts';
import { createProjectEraser } from './project-eraser.ts';
import {
  createAbuseTelemetry,
  createAttentionReads,
  createIssueTelemetry,
  createModelTraffic,
  createOnlineTelemetry,
  createReleaseTelemetry,
  createSqlReader,
  createTraceFacts,
  createTraceQueries,
  createWholeSpans,
} from './query/index.ts';
import { createScoreStore } from './score-store.ts';
import { settledQueries } from './settled-queries.ts';
import type { PackedRows } from './span-batches.ts';
import { createSpanFinder } from './span-finder.ts';
import { createSpanFragments } from './span-fragments.ts';
import { createSpanStore } from './span-store.ts';
import type { SpanWriter } from './span-writer.ts';
import { createSummaries, type OnSummarized, type Summaries, type SummariesLog } from './summaries.ts';
import { createTraceEraser } from './trace-eraser.ts';

export type ClickHouse = {
  /** Makes the database where it is missing, brings the schema up to date, and finds what a kill left undone. */
  migrate(): Promise<void>;
  spans: SpanStore & SpanBatches<PackedRows>;
  scores: ScoreStore;
  costs: CallCosts;
  queries: TraceQueries;
  attention: AttentionReads;
  traffic: ModelTraffic;
  releases: ReleaseTelemetry;
  online: OnlineTelemetry;
  abuse: AbuseTelemetry;
  issues: IssueTelemetry;
  sql: SqlReader;
  wholeSpans: WholeSpans;
  facts: TraceFactReads;
  fragments: SpanFragments;
  finder: SpanFinder;
  cells: CellStore;
  examples: ExampleStore;
  metricHistory: MetricHistory;
  eraser: TraceEraser;
  projects: ProjectTelemetryEraser;
  summaries: Pick<Summaries, 'settle' | 'settleMinutes'> & {
    /** Calls back when traces have a new summary. */
    onSummarized(listener: OnSummarized): void;
  };
  /** For a process that writes spans beside this one, {@link openSpanWriter}. */
  beside: Pick<Summaries, 'follow'> & {
    /** Has it forget as well which pieces it wrote. */
    onForget(forget: SpanWriter['forget']): void;
  };
  /** Rejects with `store_unavailable` while ClickHouse is away. */
  ping(): Promise<void>;
  close(): Promise<void>;
};

/**
 * What only grows, in ClickHouse 25 or later or in the embedded child, which answers the same protocol.
 * @param options.url `http(s)://user:password@host:port[/database]`; the database is `wheelhouse` unless named
 */
export function openClickHouse(options: {
  url: string;
  log?: MigrationLog & SummariesLog;
  breathe?: Breathe;
}): ClickHouse {
  const { breathe = () => null } = options;
  const database = openDatabase(options.url, breathe);
  const listeners: OnSummarized[] = [];
  const summaries = createSummaries({
    database,
    log: options.log ?? { warn: () => {}, error: () => {} },
    onSummarized: (project, traces) => {
      for (const listener of listeners) listener(project, traces);
    },
  });
  const payloads = createPayloadStore(database);
  let besides: SpanWriter['forget'] = () => {};
  const everyone = {
    forget(project: ProjectId, hashes: readonly string[]) {
      payloads.forget(project, hashes);
      return besides(project, hashes);
    },
  };
  return {
    async migrate() {
      await migrate(database, migrations, options.log);
      await summaries.recover();
    },
    spans: createSpanStore({ database, payloads, summaries, breathe }),
    scores: createScoreStore(database),
    costs: createCallCosts({ database, settle: () => summaries.settle() }),
    queries: settledQueries(createTraceQueries(database), summaries),
    attention: createAttentionReads(database),
    traffic: createModelTraffic(database),
    releases: createReleaseTelemetry(database),
    online: createOnlineTelemetry(database),
    abuse: createAbuseTelemetry(database),
    issues: createIssueTelemetry(database),
    sql: createSqlReader(database),
    wholeSpans: createWholeSpans({ database, payloads }),
    facts: createTraceFacts({ database, payloads }),
    fragments: createSpanFragments({ database, payloads }),
    finder: createSpanFinder(database),
    cells: createCellStore(database),
    examples: createExampleStore(database),
    metricHistory: createMetricHistory(database),
    eraser: createTraceEraser({ database, payloads: everyone, summaries }),
    projects: createProjectEraser({ database, summaries }),
    summaries: {
      settle: () => summaries.settle(),
      settleMinutes: () => summaries.settleMinutes(),
      onSummarized: (listener) => void listeners.push(listener),
    },
    beside: {
      follow: summaries.follow,
      onForget(forget) {
        besides = forget;
      },
    },
    ping: () => database.ping(),
    async close() {
      await summaries.close();
      await database.close();
    },
  };
}
