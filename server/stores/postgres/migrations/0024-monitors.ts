import { type Kysely, sql } from 'kysely';

/** Monitors, their alerts, the channels that are told, and messages until they have arrived. */
const statements = [
  `create table wheelhouse.monitors (
    id text primary key,
    project_id text not null references wheelhouse.projects (id),
    name text not null,
    definition json not null,
    look json not null,
    alert_id text,
    silenced_until timestamptz,
    due_ms bigint not null,
    held_until_ms bigint not null default 0,
    created_by text not null,
    created_at timestamptz not null default now(),
    unique (project_id, name)
  )`,
  'create index monitors_due on wheelhouse.monitors (due_ms)',
  `create table wheelhouse.alerts (
    id text primary key,
    project_id text not null references wheelhouse.projects (id),
    monitor text not null,
    kind text not null,
    sentence text not null,
    value double precision,
    expected json,
    q text not null,
    opened_at timestamptz not null,
    closed_at timestamptz,
    untold text
  )`,
  'create index alerts_page on wheelhouse.alerts (project_id, id desc)',
  `create table wheelhouse.channels (
    project_id text not null references wheelhouse.projects (id),
    name text not null,
    kind text not null,
    host text not null,
    sealed bytea not null,
    created_by text not null,
    created_at timestamptz not null default now(),
    primary key (project_id, name)
  )`,
  `create table wheelhouse.alert_messages (
    id text primary key,
    project_id text not null references wheelhouse.projects (id),
    alert_id text not null references wheelhouse.alerts (id),
    channel text not null,
    event text not null,
    status text not null default 'waiting',
    attempts integer not null default 0,
    error text,
    batch text,
    due_ms bigint not null,
    created_at timestamptz not null default now(),
    ended_at timestamptz
  )`,
  `create index alert_messages_due on wheelhouse.alert_messages (due_ms) where status = 'waiting'`,
  'create index alert_messages_alert on wheelhouse.alert_messages (alert_id)',
  'create index alert_messages_channel on wheelhouse.alert_messages (project_id, channel)',
];

export const monitors = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
