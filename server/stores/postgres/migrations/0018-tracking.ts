import { type Kysely, sql } from 'kysely';

const statements = [
  `create table wheelhouse.tracked_experiments (
    project_id text not null references wheelhouse.projects (id),
    number integer not null,
    name text not null,
    artifact_location text not null,
    stage text not null default 'active',
    created_ms bigint not null,
    changed_ms bigint not null,
    primary key (project_id, number),
    unique (project_id, name)
  )`,
  `create table wheelhouse.tracked_experiment_tags (
    project_id text not null,
    number integer not null,
    key text not null,
    value text not null,
    primary key (project_id, number, key),
    foreign key (project_id, number) references wheelhouse.tracked_experiments (project_id, number)
  )`,
  `create table wheelhouse.tracked_runs (
    seq bigint generated always as identity primary key,
    project_id text not null,
    run_id text not null,
    experiment integer not null,
    name text not null,
    user_id text not null,
    status text not null,
    start_ms bigint,
    end_ms bigint,
    artifact_uri text not null,
    stage text not null default 'active',
    unique (project_id, run_id),
    foreign key (project_id, experiment) references wheelhouse.tracked_experiments (project_id, number)
  )`,
  'create index tracked_runs_list on wheelhouse.tracked_runs (project_id, experiment, stage, start_ms desc)',
  `create table wheelhouse.tracked_params (
    run bigint not null references wheelhouse.tracked_runs (seq),
    key text not null,
    value text not null,
    primary key (run, key)
  )`,
  `create table wheelhouse.tracked_tags (
    run bigint not null references wheelhouse.tracked_runs (seq),
    key text not null,
    value text not null,
    primary key (run, key)
  )`,
  // The latest point of each metric; all of them are in the other store.
  `create table wheelhouse.tracked_metrics (
    run bigint not null references wheelhouse.tracked_runs (seq),
    key text not null,
    value double precision not null,
    is_nan boolean not null,
    timestamp_ms bigint not null,
    step bigint not null,
    primary key (run, key)
  )`,
  `create table wheelhouse.tracked_inputs (
    run bigint not null references wheelhouse.tracked_runs (seq),
    seq bigint generated always as identity,
    name text not null,
    digest text not null,
    source_type text not null,
    source text not null,
    schema text,
    profile text,
    tags json not null,
    context text,
    primary key (run, name, digest)
  )`,
  `create table wheelhouse.tracked_artifacts (
    project_id text not null references wheelhouse.projects (id),
    path text collate "C" not null,
    blob text not null,
    bytes bigint not null,
    primary key (project_id, path)
  )`,
];

/** Runs that training and scripts record, but for the history of their metrics. */
export const tracking = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
