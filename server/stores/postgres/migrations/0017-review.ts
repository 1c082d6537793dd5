import { type Kysely, sql } from 'kysely';

const statements = [
  `create table wheelhouse.review_queues (
    id text primary key,
    project_id text not null references wheelhouse.projects (id),
    name text not null,
    instructions text not null,
    form json not null,
    blind boolean not null,
    overlap integer not null,
    draw json,
    next_number integer not null default 1,
    created_by text not null,
    created_at timestamptz not null default now(),
    unique (project_id, name)
  )`,
  `create table wheelhouse.review_items (
    queue_id text not null references wheelhouse.review_queues (id) on delete cascade,
    number integer not null,
    target json not null,
    target_key text not null,
    trace_id text,
    reason text,
    probability double precision,
    state text not null default 'open',
    primary key (queue_id, number),
    unique (queue_id, target_key)
  )`,
  'create index review_items_state on wheelhouse.review_items (queue_id, state, number)',
  'create index review_items_trace on wheelhouse.review_items (trace_id) where trace_id is not null',
  // One label of each person, and one decision.
  `create table wheelhouse.review_labels (
    queue_id text not null,
    number integer not null,
    rater text not null,
    decides boolean not null,
    skipped boolean not null,
    answers json not null,
    comment text,
    seconds double precision,
    at timestamptz not null,
    primary key (queue_id, number, rater, decides),
    foreign key (queue_id, number) references wheelhouse.review_items (queue_id, number) on delete cascade
  )`,
  'create unique index review_labels_decision on wheelhouse.review_labels (queue_id, number) where decides',
  `create table wheelhouse.review_leases (
    queue_id text not null,
    number integer not null,
    rater text not null,
    since timestamptz not null,
    until timestamptz not null,
    primary key (queue_id, number, rater),
    foreign key (queue_id, number) references wheelhouse.review_items (queue_id, number) on delete cascade
  )`,
  'create index review_leases_rater on wheelhouse.review_leases (queue_id, rater)',
  `create table wheelhouse.feedback_keys (
    seq bigint generated always as identity primary key,
    id text not null unique,
    project_id text not null references wheelhouse.projects (id),
    name text not null,
    key text not null unique,
    scores text[] not null,
    origins text[] not null,
    created_by text not null,
    created_at timestamptz not null default now(),
    revoked_at timestamptz
  )`,
];

export const review = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
