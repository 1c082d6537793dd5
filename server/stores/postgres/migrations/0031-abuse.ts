import { type Kysely, sql } from 'kysely';

/** What is done about users who abuse the models of a project. */
const statements = [
  `create table wheelhouse.abuse_policies (
    project_id text primary key references wheelhouse.projects (id),
    mode text not null,
    policy json not null,
    rates json,
    place_ms bigint not null,
    place_id text not null default '',
    due_ms bigint not null default 0,
    held_until_ms bigint not null default 0
  )`,
  'create index abuse_policies_due on wheelhouse.abuse_policies (due_ms)',
  `create table wheelhouse.abuse_users (
    project_id text not null references wheelhouse.projects (id),
    user_id text not null,
    rung text,
    until_ms bigint,
    is_allowed boolean not null,
    last_seen_ms bigint not null,
    state json not null,
    primary key (project_id, user_id)
  )`,
  'create index abuse_users_page on wheelhouse.abuse_users (project_id, last_seen_ms desc, user_id)',
  `create index abuse_users_acted on wheelhouse.abuse_users (until_ms)
   where rung in ('throttle', 'challenge', 'block') and not is_allowed`,
  `create table wheelhouse.abuse_events (
    seq bigint generated always as identity primary key,
    project_id text not null,
    user_id text not null,
    at timestamptz not null default now(),
    actor text not null,
    kind text not null,
    text text not null,
    traces json not null,
    foreign key (project_id, user_id) references wheelhouse.abuse_users (project_id, user_id)
  )`,
  'create index abuse_events_page on wheelhouse.abuse_events (project_id, user_id, seq desc)',
];

export const abuse = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
