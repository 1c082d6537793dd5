import type { Handlers } from '@wheelhouse/core/contract';
import type { Clock, SqlReader } from '@wheelhouse/core/ports';
import { nanosToMs } from '@wheelhouse/core/records';

export type SqlDeps = { sql: SqlReader; clock: Clock };

/** SQL of users, over their project's traces. */
export function createSqlHandlers({ sql, clock }: SqlDeps): Handlers<'runSql'> {
  return {
    async runSql({ by, body }) {
      const startedNs = clock.now();
      const answer = await sql.query(by.project, body.sql, { limit: body.limit });
      return { ...answer, elapsedMs: Math.round(nanosToMs(clock.now() - startedNs)) };
    },
  };
}
