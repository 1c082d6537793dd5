import { type Kysely, sql } from 'kysely';

const statements = [
  `create table wheelhouse.views (
    id text primary key,
    project_id text not null references wheelhouse.projects (id),
    name text not null,
    url text not null,
    created_by text not null,
    created_at timestamptz not null default now(),
    unique (project_id, name)
  )`,
  `create table wheelhouse.deletions (
    seq bigint generated always as identity primary key,
    id text not null unique,
    project_id text not null references wheelhouse.projects (id),
    subject json not null,
    status text not null default 'queued',
    error text,
    traces integer,
    requested_by text not null,
    requested_at timestamptz not null default now(),
    finished_at timestamptz
  )`,
  'create index deletions_page on wheelhouse.deletions (project_id, seq desc)',
];

export const viewsAndDeletions = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
