import { type Kysely, sql } from 'kysely';

const statements = [
  `create table wheelhouse.budgets (
    id text primary key,
    project_id text not null references wheelhouse.projects (id),
    scope text not null,
    subject text not null,
    period text not null,
    amount_nano_usd bigint not null,
    hard boolean not null,
    alert_at double precision not null,
    created_by text not null,
    created_at timestamptz not null default now(),
    unique (project_id, scope, subject, period)
  )`,
  `create table wheelhouse.limits (
    id text primary key,
    project_id text not null references wheelhouse.projects (id),
    scope text not null,
    subject text not null,
    requests_per_minute bigint,
    tokens_per_minute bigint,
    parallel_calls bigint,
    created_by text not null,
    created_at timestamptz not null default now(),
    unique (project_id, scope, subject)
  )`,
  // One row a server, so that what a server reports is absolute and may be reported twice.
  `create table wheelhouse.allowances (
    account text collate "C" not null,
    slot bigint not null,
    server text not null,
    used bigint not null,
    held bigint not null,
    held_until timestamptz not null,
    forget_at timestamptz,
    primary key (account, slot, server)
  )`,
  'create index allowances_forget on wheelhouse.allowances (forget_at)',
];

export const control = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
