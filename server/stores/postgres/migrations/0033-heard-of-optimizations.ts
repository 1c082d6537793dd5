import { type Kysely, sql } from 'kysely';

/** When whoever runs an optimization last told of it, where that is not a server. */
export const heardOfOptimizations = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table wheelhouse.optimizations add column heard_at timestamptz`.execute(db);
  },
};
