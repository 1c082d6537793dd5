import { type Kysely, sql } from 'kysely';

/** Panels that people put together. */
const statements = [
  `create table wheelhouse.dashboards (
    id text primary key,
    project_id text not null references wheelhouse.projects (id),
    name text not null,
    revision integer not null default 1,
    definition json not null,
    created_by text not null,
    created_at timestamptz not null default now(),
    changed_by text not null,
    changed_at timestamptz not null default now(),
    unique (project_id, name)
  )`,
];

export const dashboards = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
