import { type Kysely, sql } from 'kysely';

/**
 * What is said of a dataset and of its rows, names of versions, rules that feed drafts, long work; counts of drafts, kept
 * with each change, because counting a million rows at each would take longer than the change.
 */
const statements = [
  `alter table wheelhouse.datasets
    add column source text not null default '',
    add column licence text not null default '',
    add column consent text not null default '',
    add column schema json not null default '{"input":null,"expected":null,"metadata":null}',
    add column splits json,
    add column recipe json,
    add column draft_count integer not null default 0,
    add column draft_added integer not null default 0,
    add column draft_removed integer not null default 0,
    add column revision bigint not null default 0,
    add column removed_at timestamptz`,
  `update wheelhouse.datasets d set
    draft_count = (select count(*) from wheelhouse.dataset_examples e where e.dataset_id = d.id and e.removed_in is null),
    draft_added = (select count(*) from wheelhouse.dataset_examples e where e.dataset_id = d.id and e.added_in > d.head),
    draft_removed = (select count(*) from wheelhouse.dataset_examples e where e.dataset_id = d.id and e.removed_in > d.head)`,
  `alter table wheelhouse.dataset_examples
    add column tags text[] not null default '{}',
    add column split text,
    add column weight double precision not null default 1`,
  'create index dataset_examples_added on wheelhouse.dataset_examples (dataset_id, added_in)',
  `create index dataset_examples_removed on wheelhouse.dataset_examples (dataset_id, removed_in)
    where removed_in is not null`,
  `alter table wheelhouse.dataset_versions add column made_from text[] not null default '{}'`,
  'create index dataset_versions_made_from on wheelhouse.dataset_versions using gin (made_from)',
  `create table wheelhouse.dataset_aliases (
    dataset_id text not null references wheelhouse.datasets (id),
    alias text not null,
    version integer not null,
    moved_at timestamptz not null default now(),
    primary key (dataset_id, alias)
  )`,
  `create table wheelhouse.dataset_rules (
    id text primary key,
    dataset_id text not null references wheelhouse.datasets (id),
    q text not null,
    sample double precision not null,
    expected boolean not null,
    tags text[] not null,
    added integer not null default 0,
    created_by text not null,
    created_at timestamptz not null default now()
  )`,
  'create index dataset_rules_dataset on wheelhouse.dataset_rules (dataset_id)',
  `create table wheelhouse.dataset_jobs (
    id text primary key,
    project_id text not null references wheelhouse.projects (id),
    dataset_id text not null references wheelhouse.datasets (id),
    dataset text not null,
    kind text not null,
    params json not null,
    status text not null default 'queued',
    error text,
    progress json not null,
    result json,
    requested_by text not null,
    requested_at timestamptz not null default now(),
    finished_at timestamptz
  )`,
  'create index dataset_jobs_page on wheelhouse.dataset_jobs (dataset_id, id desc)',
];

export const datasets = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
