import { type Kysely, sql } from 'kysely';

const statements = [
  `create table wheelhouse.files (
    seq bigint generated always as identity primary key,
    id text not null unique,
    project_id text not null references wheelhouse.projects (id),
    name text not null,
    purpose text not null,
    bytes bigint not null,
    sha256 text not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz
  )`,
  'create index files_page on wheelhouse.files (project_id, seq desc)',
  'create index files_expired on wheelhouse.files (expires_at) where expires_at is not null',
  `create table wheelhouse.batches (
    seq bigint generated always as identity primary key,
    id text not null unique,
    project_id text not null references wheelhouse.projects (id),
    endpoint text not null,
    input_file_id text not null,
    output_file_id text,
    error_file_id text,
    status text not null default 'validating',
    problems json not null default '[]',
    metadata json not null,
    parts integer not null default 0,
    total integer not null default 0,
    completed integer not null default 0,
    failed integer not null default 0,
    requested_by text not null,
    created_at timestamptz not null default now(),
    started_at timestamptz,
    finalizing_at timestamptz,
    ended_at timestamptz,
    cancelling_at timestamptz,
    expires_at timestamptz not null
  )`,
  'create index batches_page on wheelhouse.batches (project_id, seq desc)',
  `create table wheelhouse.responses (
    project_id text not null references wheelhouse.projects (id),
    id text not null,
    body json not null,
    input json not null,
    previous_id text,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    primary key (project_id, id)
  )`,
  'create index responses_expired on wheelhouse.responses (expires_at)',
];

/** Files, batches and stored responses. */
export const objects = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
