import type { AccessStore } from '@wheelhouse/core/ports';
import { sql } from 'kysely';
import type { Db } from './database.ts';
import { inTransaction } from './in-transaction.ts';

const sweptAtOnce = 1_000;

/** Failed tries to sign in, which all servers count together. */
export function createSignInTries(db: Db): Pick<AccessStore, 'countTry' | 'takeBackTry'> {
  return {
    countTry: ({ id, atMs, windowMs, counts }) =>
      inTransaction(db, async (tx) => {
        const since = new Date(atMs - windowMs);
        // In one order, so that two that share both names do not wait for each other.
        for (const name of counts.map((count) => count.name).sort())
          await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(tx);
        await sql`delete from wheelhouse.sign_in_tries where ctid = any(array(
          select ctid from wheelhouse.sign_in_tries where at <= ${since}
          limit ${sql.lit(sweptAtOnce)} for update skip locked))`.execute(tx);
        let waitMs = 0;
        for (const { name, most } of counts) {
          const oldest = await tx
            .selectFrom('sign_in_tries')
            .select('at')
            .where('subject', '=', name)
            .where('at', '>', since)
            .orderBy('at', 'desc')
            .offset(most - 1)
            .limit(1)
            .executeTakeFirst();
          if (oldest) waitMs = Math.max(waitMs, oldest.at.getTime() + windowMs - atMs);
        }
        if (waitMs === 0)
          await tx
            .insertInto('sign_in_tries')
            .values(counts.map(({ name }) => ({ subject: name, at: new Date(atMs), id })))
            .execute();
        return waitMs;
      }),

    async takeBackTry(id, forget) {
      await db
        .deleteFrom('sign_in_tries')
        .where(({ eb, or }) => or([eb('id', '=', id), eb('subject', '=', forget)]))
        .execute();
    },
  };
}
