import { type Kysely, sql } from 'kysely';

/** How better versions are made and released again and again, and the runs of that. */
const statements = [
  `create table wheelhouse.pipelines (
    id text primary key,
    project_id text not null references wheelhouse.projects (id),
    name text not null,
    definition json not null,
    acting json not null,
    seen json not null,
    pending json,
    runs integer not null default 0,
    due_ms bigint,
    held_until_ms bigint not null default 0,
    changed_at timestamptz not null default now(),
    created_at timestamptz not null default now(),
    unique (project_id, name)
  )`,
  'create index pipelines_due on wheelhouse.pipelines (due_ms) where due_ms is not null',
  `create table wheelhouse.pipeline_runs (
    id text primary key,
    project_id text not null references wheelhouse.projects (id),
    pipeline_id text not null references wheelhouse.pipelines (id),
    state text not null,
    run json not null,
    acting json not null,
    revision integer not null default 1,
    due_ms bigint not null,
    held_until_ms bigint not null default 0,
    ended_at timestamptz
  )`,
  'create unique index pipeline_runs_one on wheelhouse.pipeline_runs (pipeline_id) where ended_at is null',
  'create index pipeline_runs_due on wheelhouse.pipeline_runs (due_ms) where ended_at is null',
  'create index pipeline_runs_page on wheelhouse.pipeline_runs (project_id, id desc)',
  'create index pipeline_runs_of on wheelhouse.pipeline_runs (pipeline_id, id desc)',
];

export const pipelines = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
