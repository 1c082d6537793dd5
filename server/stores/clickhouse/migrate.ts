import { WheelhouseError } from '@wheelhouse/core/records';
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
  const rows = await database.query<{ number: number; name: string }>('SELECT DISTINCT number, name FROM migrations');
  const done = new Map(rows.map((row) => [row.number, row.name]));
  for (const { number, name, statements } of migrations) {
    const before = done.get(number);
    if (before === name) continue;
    if (before !== undefined)
      throw new WheelhouseError('config_invalid', `The telemetry was stored by another version (${before}).`, {
        hint: 'Start in another directory, or with another CLICKHOUSE_URL; this version cannot read it.',
      });
    for (const statement of statements) await database.command(statement);
    await database.insert('migrations', [{ number, name }]);
    log?.info({ number, name }, 'the telemetry schema was brought up to date');
  }
}
