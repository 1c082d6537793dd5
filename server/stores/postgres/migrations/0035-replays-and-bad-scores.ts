import { type Kysely, sql } from 'kysely';

/** Which evaluations are replays of what an alias was asked, what projects say of their scores, and spans that are scored. */
const statements = [
  'alter table wheelhouse.evaluations add column replay boolean not null default false',
  'create index evaluations_replays on wheelhouse.evaluations (project_id, seq) where replay',
  'alter table wheelhouse.scorings add column span json',
  `create table wheelhouse.bad_scores (
    project_id text not null references wheelhouse.projects (id),
    name text not null,
    rule json not null,
    set_by text not null,
    set_at timestamptz not null default now(),
    primary key (project_id, name)
  )`,
];

export const replaysAndBadScores = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
