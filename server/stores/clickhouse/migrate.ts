import type { Database } from './database.ts';

/** One step of the schema. ClickHouse has no transactions over DDL, so each statement must bear being run twice. */
export type Migration = { number: number; name: string; statements: readonly string[] };

export type MigrationLog = { info(fields: object, message: string): void };

const ledger = `
CREATE TABLE IF NOT EXISTS migrations (
  number UInt32,
  name String,
  applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = MergeTree
ORDER BY number`;

/** Makes the database and brings its schema up to date. Several servers may do so at once. */
export async function migrate(database: Database, migrations: readonly Migration[], log?: MigrationLog): Promise<void> {
  await database.create();
  await database.command(ledger);
  const rows = await database.query<{ number: number }>('SELECT DISTINCT number FROM migrations');
  const done = new Set(rows.map((row) => row.number));
  for (const { number, name, statements } of migrations) {
    if (done.has(number)) continue;
    for (const statement of statements) await database.command(statement);
    await database.insert('migrations', [{ number, name }]);
    log?.info({ number, name }, 'the telemetry schema was brought up to date');
  }
}
