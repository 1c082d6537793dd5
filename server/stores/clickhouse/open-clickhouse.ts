import type { CellStore, ExampleStore, ScoreStore, SpanStore } from '@wheelhouse/core/ports';
import { createCellStore } from './cell-store.ts';
import { openDatabase } from './database.ts';
import { createExampleStore } from './example-store.ts';
import { type MigrationLog, migrate } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { createScoreStore } from './score-store.ts';
import { createSpanStore } from './span-store.ts';

export type ClickHouse = {
  /** Makes the database where it is missing and brings the schema up to date. */
  migrate(): Promise<void>;
  spans: SpanStore;
  scores: ScoreStore;
  cells: CellStore;
  examples: ExampleStore;
  /** Rejects with `store_unavailable` while ClickHouse is away. */
  ping(): Promise<void>;
  close(): Promise<void>;
};

/**
 * What only grows, in ClickHouse 25 or later or in the embedded child, which answers the same protocol.
 * @param options.url `http(s)://user:password@host:port[/database]`; the database is `wheelhouse` unless named
 */
export function openClickHouse(options: { url: string; log?: MigrationLog }): ClickHouse {
  const database = openDatabase(options.url);
  return {
    migrate: () => migrate(database, migrations, options.log),
    spans: createSpanStore(database),
    scores: createScoreStore(database),
    cells: createCellStore(database),
    examples: createExampleStore(database),
    ping: () => database.ping(),
    close: () => database.close(),
  };
}
