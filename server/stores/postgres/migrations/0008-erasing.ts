import { type Kysely, sql } from 'kysely';

/** Deletion that reaches examples, how long a project keeps traces, reading spans again, exports. */
const statements = [
  'alter table wheelhouse.projects add column erasures bigint not null default 0',
  // Null: as the configuration says; 0: for ever.
  'alter table wheelhouse.projects add column keep_days integer check (keep_days >= 0)',
  'alter table wheelhouse.dataset_examples add column erased_at timestamptz',
  `create index dataset_examples_trace on wheelhouse.dataset_examples (trace_id)
    where trace_id is not null and erased_at is null`,
  'create index dataset_examples_living on wheelhouse.dataset_examples (content_hash) where erased_at is null',
  `create table wheelhouse.erasing_traces (
    project_id text not null references wheelhouse.projects (id),
    deletion_id text not null,
    trace_id text not null,
    primary key (project_id, deletion_id, trace_id)
  )`,
  `create table wheelhouse.doomed_contents (
    project_id text not null references wheelhouse.projects (id),
    hash text not null,
    number bigint generated always as identity,
    primary key (project_id, hash)
  )`,
  `create table wheelhouse.renormalizations (
    id text primary key,
    project_id text not null references wheelhouse.projects (id),
    from_at text not null,
    until_at text not null,
    normalizer integer not null,
    status text not null default 'queued',
    error text,
    total integer not null,
    progress json not null,
    requested_by text not null,
    requested_at timestamptz not null default now(),
    finished_at timestamptz
  )`,
  `create table wheelhouse.exports (
    id text primary key,
    project_id text not null references wheelhouse.projects (id),
    q text not null,
    now_ns text not null,
    status text not null default 'queued',
    error text,
    total integer not null,
    progress json not null,
    requested_by text not null,
    requested_at timestamptz not null default now(),
    finished_at timestamptz
  )`,
  'create index exports_page on wheelhouse.exports (project_id, id desc)',
  'create index renormalizations_page on wheelhouse.renormalizations (project_id, id desc)',
  'alter table wheelhouse.comparisons add column erased integer not null default 0',
];

export const erasing = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
