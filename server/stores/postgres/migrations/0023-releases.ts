import { type Kysely, sql } from 'kysely';

/** Versions on their way to an alias. */
const statements = [
  `create table wheelhouse.releases (
    seq bigint generated always as identity unique,
    id text primary key,
    project_id text not null references wheelhouse.projects (id),
    model_id text not null references wheelhouse.models (id),
    alias text not null,
    incumbent integer not null,
    candidate integer not null,
    plan json not null,
    state text not null default 'running',
    share double precision not null,
    evidence json not null,
    verdict json,
    seen_until timestamptz not null,
    revision integer not null default 1,
    message text not null,
    started_by text not null,
    started_at timestamptz not null default now(),
    ended_by text,
    ended_at timestamptz,
    reason text
  )`,
  `create unique index releases_running on wheelhouse.releases (model_id, alias) where state = 'running'`,
  'create index releases_page on wheelhouse.releases (project_id, seq desc)',
  `create table wheelhouse.release_events (
    seq bigint generated always as identity primary key,
    release_id text not null references wheelhouse.releases (id),
    at timestamptz not null default now(),
    actor text not null,
    kind text not null,
    detail json not null
  )`,
  'create index release_events_page on wheelhouse.release_events (release_id, seq desc)',
];

export const releases = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
