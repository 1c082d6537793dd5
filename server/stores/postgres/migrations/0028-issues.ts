import { type Kysely, sql } from 'kysely';

/** In which ways the traces of projects fail, and what people say of it. */
const statements = [
  `create table wheelhouse.issue_feeds (
    project_id text primary key references wheelhouse.projects (id),
    place_ms bigint not null,
    place_id text not null default '',
    due_ms bigint not null default 0,
    held_until_ms bigint not null default 0
  )`,
  'create index issue_feeds_due on wheelhouse.issue_feeds (due_ms)',
  `create table wheelhouse.issues (
    project_id text not null references wheelhouse.projects (id),
    id text not null,
    title text not null,
    signal text not null,
    state text not null,
    is_blocker boolean not null default false,
    assignee text,
    models json not null,
    first_seen timestamptz not null,
    last_seen timestamptz not null,
    resolution json,
    regressed_at timestamptz,
    primary key (project_id, id)
  )`,
  'create index issues_page on wheelhouse.issues (project_id, last_seen desc, id desc)',
  `create table wheelhouse.issue_groups (
    project_id text not null,
    id text not null,
    issue_id text not null,
    cause_key text not null,
    cause json not null,
    text text not null,
    size integer not null,
    sum json not null,
    words json not null,
    primary key (project_id, id),
    foreign key (project_id, issue_id) references wheelhouse.issues (project_id, id)
  )`,
  'create index issue_groups_cause on wheelhouse.issue_groups (project_id, cause_key)',
  'create index issue_groups_issue on wheelhouse.issue_groups (project_id, issue_id)',
  `create table wheelhouse.issue_events (
    seq bigint generated always as identity primary key,
    project_id text not null,
    issue_id text not null,
    at timestamptz not null default now(),
    actor text not null,
    kind text not null,
    text text not null,
    foreign key (project_id, issue_id) references wheelhouse.issues (project_id, id)
  )`,
  'create index issue_events_page on wheelhouse.issue_events (project_id, issue_id, seq desc)',
];

export const issues = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
