import { type Kysely, sql } from 'kysely';

/** Evaluations take the place of comparisons: several runs, shared by workers in chunks of rows. Aliases may have gates. */
const statements = [
  'drop table wheelhouse.comparisons',
  `create table wheelhouse.evaluations (
    seq bigint generated always as identity primary key,
    id text not null unique,
    project_id text not null references wheelhouse.projects (id),
    dataset text not null,
    dataset_version integer not null,
    runs json not null,
    run_ids text[] not null,
    -- Names of models and name@version of their versions.
    models text[] not null,
    place text not null,
    definition json not null,
    status text not null,
    error text,
    turn integer not null default 0,
    -- Behind which place of the dataset nobody has taken rows; null: all are taken.
    next_place bigint default 0,
    rows_taken integer not null default 0,
    seat_done integer[] not null default '{}',
    total integer not null,
    done integer not null default 0,
    failed integer not null default 0,
    cached integer not null default 0,
    erased integer not null default 0,
    -- Erased before it began; workers count them as they come by.
    known_erased integer not null,
    cost_nano_usd bigint,
    estimate_nano_usd bigint,
    cap_nano_usd bigint,
    outcome json,
    created_at timestamptz not null default now(),
    started_at timestamptz,
    finished_at timestamptz
  )`,
  'create index evaluations_page on wheelhouse.evaluations (project_id, seq desc)',
  'create index evaluations_dataset on wheelhouse.evaluations (project_id, dataset, seq desc)',
  'create index evaluations_runs on wheelhouse.evaluations using gin (run_ids)',
  'create index evaluations_models on wheelhouse.evaluations using gin (models)',
  `create index evaluations_active on wheelhouse.evaluations (seq) where status in ('queued', 'running')`,
  // Chunks of rows that are being worked on; when one is done its counts go to the evaluation, and it goes.
  `create table wheelhouse.evaluation_chunks (
    evaluation_id text not null references wheelhouse.evaluations (id) on delete cascade,
    after_place bigint not null,
    last_place bigint not null,
    row_count integer not null,
    seat integer not null,
    done integer not null default 0,
    failed integer not null default 0,
    cached integer not null default 0,
    erased integer not null default 0,
    cost_nano_usd bigint,
    primary key (evaluation_id, after_place)
  )`,
  `alter table wheelhouse.alias_rules add column gates text[] not null default '{}'`,
];

export const evaluations = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
