import type {
  Breathe,
  CallCosts,
  CellStore,
  ExampleStore,
  ScoreStore,
  SpanFinder,
  SpanFragments,
  SpanStore,
  SqlReader,
  TraceEraser,
  TraceQueries,
  WholeSpans,
} from '@wheelhouse/core/ports';
import { createCallCosts } from './call-costs.ts';
import { createCellStore } from './cell-store.ts';
import { openDatabase } from './database.ts';
import { createExampleStore } from './example-store.ts';
import { type MigrationLog, migrate } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { createPayloadStore } from './payload-store.ts';
import { createSqlReader, createTraceQueries, createWholeSpans } from './query/index.ts';
import { createScoreStore } from './score-store.ts';
import { settledQueries } from './settled-queries.ts';
import { createSpanFinder } from './span-finder.ts';
import { createSpanFragments } from './span-fragments.ts';
import { createSpanStore } from './span-store.ts';
import { createSummaries, type OnSummarized, type Summaries, type SummariesLog } from './summaries.ts';
import { createTraceEraser } from './trace-eraser.ts';

export type ClickHouse = {
  /** Makes the database where it is missing, brings the schema up to date, and finds what a kill left undone. */
  migrate(): Promise<void>;
  spans: SpanStore;
  scores: ScoreStore;
  costs: CallCosts;
  queries: TraceQueries;
  sql: SqlReader;
  wholeSpans: WholeSpans;
  fragments: SpanFragments;
  finder: SpanFinder;
  cells: CellStore;
  examples: ExampleStore;
  eraser: TraceEraser;
  summaries: Pick<Summaries, 'settle' | 'settleMinutes'> & {
    /** Calls back when traces have a new summary. */
    onSummarized(listener: OnSummarized): void;
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
  return {
    async migrate() {
      await migrate(database, migrations, options.log);
      await summaries.recover();
    },
    spans: createSpanStore({ database, payloads, summaries, breathe }),
    scores: createScoreStore(database),
    costs: createCallCosts({ database, settle: () => summaries.settle() }),
    queries: settledQueries(createTraceQueries(database), summaries),
    sql: createSqlReader(database),
    wholeSpans: createWholeSpans({ database, payloads }),
    fragments: createSpanFragments({ database, payloads }),
    finder: createSpanFinder(database),
    cells: createCellStore(database),
    examples: createExampleStore(database),
    eraser: createTraceEraser({ database, payloads, summaries }),
    summaries: {
      settle: () => summaries.settle(),
      settleMinutes: () => summaries.settleMinutes(),
      onSummarized: (listener) => void listeners.push(listener),
    },
    ping: () => database.ping(),
    async close() {
      await summaries.close();
      await database.close();
    },
  };
}
