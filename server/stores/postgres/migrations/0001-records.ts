import { type Kysely, sql } from 'kysely';

/**
 * Documents are `json`, not `jsonb`: jsonb refuses `\u0000` and lone surrogates, which prompts and answers may hold.
 * A dataset's member is in version V when `added_in <= V` and (`removed_in` is null or above V); the draft is `head + 1`.
 */
const statements = [
  'create schema if not exists wheelhouse',
  `create table wheelhouse.projects (
    id text primary key,
    name text not null,
    created_at timestamptz not null default now()
  )`,
  `insert into wheelhouse.projects (id, name) values ('default', 'Default')`,

  `create table wheelhouse.models (
    id text primary key,
    project_id text not null references wheelhouse.projects (id),
    name text not null,
    description text not null,
    latest integer not null default 0,
    created_at timestamptz not null default now(),
    unique (project_id, name)
  )`,
  `create table wheelhouse.model_versions (
    model_id text not null references wheelhouse.models (id),
    number integer not null,
    hash text not null,
    definition json not null,
    signature json not null,
    message text not null,
    created_at timestamptz not null default now(),
    primary key (model_id, number)
  )`,
  `create table wheelhouse.model_aliases (
    model_id text not null references wheelhouse.models (id),
    alias text not null,
    version integer not null,
    moved_at timestamptz not null default now(),
    primary key (model_id, alias),
    foreign key (model_id, version) references wheelhouse.model_versions (model_id, number)
  )`,

  `create table wheelhouse.audit (
    id bigint generated always as identity primary key,
    project_id text not null references wheelhouse.projects (id),
    at timestamptz not null default now(),
    actor text not null,
    action text not null,
    subject text not null,
    detail json not null
  )`,
  'create index audit_page on wheelhouse.audit (project_id, id desc)',
  `create table wheelhouse.change_counter (
    only_row boolean primary key default true check (only_row),
    value bigint not null
  )`,
  'insert into wheelhouse.change_counter (value) values (0)',

  `create table wheelhouse.datasets (
    id text primary key,
    project_id text not null references wheelhouse.projects (id),
    name text not null,
    description text not null,
    head integer not null default 0,
    next_position bigint not null default 1,
    created_at timestamptz not null default now(),
    unique (project_id, name)
  )`,
  `create table wheelhouse.dataset_versions (
    dataset_id text not null references wheelhouse.datasets (id),
    number integer not null,
    hash text not null,
    count integer not null,
    created_at timestamptz not null default now(),
    primary key (dataset_id, number)
  )`,
  `create table wheelhouse.dataset_examples (
    dataset_id text not null references wheelhouse.datasets (id),
    example_id text not null,
    content_hash text not null,
    position bigint not null,
    trace_id text,
    span_id text,
    added_in integer not null,
    removed_in integer check (removed_in > added_in),
    primary key (dataset_id, example_id, added_in)
  )`,
  `create unique index dataset_examples_draft on wheelhouse.dataset_examples (dataset_id, example_id)
    where removed_in is null`,
  'create index dataset_examples_order on wheelhouse.dataset_examples (dataset_id, position)',

  `create table wheelhouse.comparisons (
    seq bigint generated always as identity primary key,
    id text not null unique,
    project_id text not null references wheelhouse.projects (id),
    definition json not null,
    status text not null default 'queued',
    error text,
    done integer not null default 0,
    total integer not null,
    cost_nano_usd bigint,
    results json not null default '[]',
    created_at timestamptz not null default now(),
    finished_at timestamptz
  )`,
  'create index comparisons_page on wheelhouse.comparisons (project_id, seq desc)',
];

/** Projects, models, audit, datasets and comparisons. */
export const records = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
