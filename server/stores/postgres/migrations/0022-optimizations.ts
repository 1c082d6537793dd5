import { type Kysely, sql } from 'kysely';

/** Optimizations of programs, what they were answered, and the candidates that they came to. */
const statements = [
  `create table wheelhouse.optimizations (
    seq bigint generated always as identity unique,
    id text primary key,
    project_id text not null references wheelhouse.projects (id),
    setup json not null,
    program text,
    place text not null,
    budget json not null,
    state text not null,
    error text,
    turn integer not null default 0,
    progress json not null,
    score json not null,
    spend json not null,
    verdict text,
    report json,
    definition json,
    made_from text[] not null,
    published json,
    author text not null,
    created_at timestamptz not null default now(),
    started_at timestamptz,
    finished_at timestamptz
  )`,
  'create index optimizations_page on wheelhouse.optimizations (project_id, seq desc)',
  `create table wheelhouse.optimization_answers (
    n bigint generated always as identity,
    optimization_id text not null references wheelhouse.optimizations (id) on delete cascade,
    key text not null,
    entry json not null,
    primary key (optimization_id, key)
  )`,
  'create index optimization_answers_in_order on wheelhouse.optimization_answers (optimization_id, n)',
  `create table wheelhouse.optimization_candidates (
    n bigint generated always as identity,
    optimization_id text not null references wheelhouse.optimizations (id) on delete cascade,
    id text not null,
    made_by text not null,
    parents text[] not null,
    changed text[] not null,
    instances json not null,
    primary key (optimization_id, id)
  )`,
];

export const optimizations = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
