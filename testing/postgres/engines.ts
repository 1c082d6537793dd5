import { openEmbedded } from './embedded-engine.ts';
import { findServer } from './server-engine.ts';

export type TestDatabase = {
  url: string;
  close(): Promise<void>;
};

export type TestEngine = { name: 'PGlite' | 'Postgres server'; open(): Promise<TestDatabase> };

/** What the suites of the record stores run over: the embedded engine, and a server where this machine has one. */
export function postgresEngines(): TestEngine[] {
  const embedded: TestEngine = { name: 'PGlite', open: openEmbedded };
  const server = findServer();
  if (server === null) {
    console.log('No Postgres server was found: install `postgresql` or set TEST_DATABASE_URL to test on one too.');
    return [embedded];
  }
  return [embedded, { name: 'Postgres server', open: server }];
}
