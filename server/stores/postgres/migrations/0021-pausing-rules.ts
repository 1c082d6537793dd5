import { type Kysely, sql } from 'kysely';

/** Rules that feed datasets may rest. */
export const pausingRules = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw('alter table wheelhouse.dataset_rules add column paused boolean not null default false').execute(db);
  },
};
