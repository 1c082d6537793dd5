import { Migrator, sql } from 'kysely';
import type { Db } from './database.ts';
import { migrations } from './migrations/index.ts';

/** Exactly these were made. Nearly every start finds it so, and the migrator reads the whole catalogue before it can say that. */
async function isUpToDate(db: Db): Promise<boolean> {
  const { rows: tables } = await sql`select 1 where to_regclass('wheelhouse.migrations') is not null`.execute(db);
  if (tables.length === 0) return false;
  const { rows } = await sql<{ name: string }>`select name from wheelhouse.migrations`.execute(db);
  return rows.length === Object.keys(migrations).length && rows.every(({ name }) => name in migrations);
}

/** Brings schema `wheelhouse` to the newest migration; several replicas may start at once, one of them migrates. */
export async function migrateRecords(db: Db): Promise<void> {
  if (await isUpToDate(db)) return;
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    migrationTableSchema: 'wheelhouse',
    migrationTableName: 'migrations',
    migrationLockTableName: 'migrations_lock',
    // Those of one release are made side by side: one with a lower number may come later.
    allowUnorderedMigrations: true,
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}
