import { WheelhouseError } from '@wheelhouse/core/records';
import { type KyselyPlugin, sql } from 'kysely';
import type { Db, Tx } from './database.ts';

const defaultLimitMs = 2_000;

/**
 * One action as one transaction. `work` awaits queries of its own transaction and nothing else: the embedded database
 * has a single transaction at a time, so waiting for any other query in here would wait for ever. A transaction that
 * lasts longer than the limit is rolled back and rejects with `store_unavailable`.
 */
export async function inTransaction<T>(db: Db, work: (tx: Tx) => Promise<T>, limitMs = defaultLimitMs): Promise<T> {
  const state: { lapsed: WheelhouseError | null } = { lapsed: null };
  let timer: NodeJS.Timeout | undefined;
  /** Without it, work that outlives its transaction would write beside it. */
  const refuseWhenLapsed: KyselyPlugin = {
    transformQuery: ({ node }) => {
      if (state.lapsed !== null) throw state.lapsed;
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  try {
    return await db.transaction().execute(async (tx) => {
      const limit = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          state.lapsed = new WheelhouseError(
            'store_unavailable',
            `A transaction took longer than ${limitMs} ms and was rolled back.`,
          );
          reject(state.lapsed);
        }, limitMs);
      });
      await sql`select set_config('statement_timeout', ${String(limitMs)}, true),
        set_config('idle_in_transaction_session_timeout', ${String(5 * limitMs)}, true)`.execute(tx);
      return await Promise.race([work(tx.withPlugin(refuseWhenLapsed)), limit]);
    });
  } catch (error) {
    throw state.lapsed ?? error;
  } finally {
    clearTimeout(timer);
  }
}
