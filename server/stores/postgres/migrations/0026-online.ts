import { type Kysely, sql } from 'kysely';

/** Scoring what arrives. */
const statements = [
  `create table wheelhouse.online_evaluations (
    id text primary key,
    project_id text not null references wheelhouse.projects (id),
    name text not null,
    version integer not null default 1,
    definition json not null,
    is_paused boolean not null default false,
    look json not null,
    draw json,
    due_ms bigint not null default 0,
    held_until_ms bigint not null default 0,
    created_by text not null,
    created_at timestamptz not null default now(),
    unique (project_id, name)
  )`,
  'create index online_evaluations_due on wheelhouse.online_evaluations (due_ms) where not is_paused',
];

export const online = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
