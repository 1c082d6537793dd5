import { type Kysely, sql } from 'kysely';

/** What becomes of the calls that failed of a version that was rolled back; shares that all servers change together. */
const statements = [
  'alter table wheelhouse.releases add column drafting_at timestamptz, add column drafts json',
  'alter table wheelhouse.releases add column share_before double precision not null default 0, add column share_from timestamptz not null default now()',
  `create index releases_undrafted on wheelhouse.releases (seq)
    where state = 'rolled_back' and drafts is null and plan ->> 'examples' is not null`,
];

export const releaseDrafts = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
