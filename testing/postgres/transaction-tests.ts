import type { Database, Db } from '@wheelhouse/server/stores/postgres/database';
import { inTransaction } from '@wheelhouse/server/stores/postgres/in-transaction';
import type { Postgres } from '@wheelhouse/server/stores/postgres/index';
import { withStoreErrors } from '@wheelhouse/server/stores/postgres/store-errors';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestDatabase, TestEngine } from './engines.ts';

const limitMs = 100;
const lapsed = { code: 'store_unavailable', message: expect.stringContaining(`${limitMs} ms`) };

type World = { database: TestDatabase; postgres: Postgres };

/** What a transaction may do and how it ends. The embedded engine cannot interrupt a statement, a server can. */
export function transactionTests(engine: TestEngine, world: () => World): void {
  const slowSeconds = engine.name === 'PGlite' ? 0.3 : 60;
  describe('a transaction', () => {
    let db: Db;
    beforeAll(() => {
      const pool = new pg.Pool({ connectionString: world().database.url, max: 1 });
      db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) }).withSchema('wheelhouse');
    });
    afterAll(() => db.destroy());

    const addProject = (on: Db, id: string) => on.insertInto('projects').values({ id, name: id }).execute();
    async function projects(prefix: string): Promise<string[]> {
      const rows = await db.selectFrom('projects').select('id').where('id', 'like', `${prefix}%`).execute();
      return rows.map((row) => row.id);
    }

    it('keeps all or nothing', async () => {
      await inTransaction(db, (tx) => addProject(tx, 'kept'));
      const failing = inTransaction(db, async (tx) => {
        await addProject(tx, 'kept-not');
        throw new Error('on purpose');
      });
      await expect(failing).rejects.toThrow('on purpose');
      expect(await projects('kept')).toEqual(['kept']);
    });

    it('is rolled back when it waits for anything but its own queries', async () => {
      const waiting = inTransaction(
        db,
        async (tx) => {
          await addProject(tx, 'waiting');
          await addProject(db, 'never reached before the limit');
        },
        limitMs,
      );
      await expect(waiting).rejects.toMatchObject(lapsed);
      expect(await projects('waiting')).toEqual([]);
    });

    it('writes nothing after its limit, even if its work goes on', async () => {
      let late: Promise<unknown> | undefined;
      const slow = inTransaction(
        db,
        async (tx) => {
          await addProject(tx, 'slow-1');
          late = new Promise((resolve) => setTimeout(resolve, 2 * limitMs)).then(() => addProject(tx, 'slow-2'));
          await late;
        },
        limitMs,
      );
      await expect(slow).rejects.toMatchObject(lapsed);
      await expect(late).rejects.toMatchObject(lapsed);
      expect(await projects('slow')).toEqual([]);
    });

    it('is rolled back when one of its statements takes too long', async () => {
      const stuck = withStoreErrors({
        work: () => inTransaction(db, (tx) => sql`select pg_sleep(${slowSeconds})`.execute(tx), limitMs),
      });
      await expect(stuck.work()).rejects.toMatchObject({ code: 'store_unavailable' });
      expect(await projects('kept')).toEqual(['kept']);
    });
  });
}
