import { type Kysely, sql } from 'kysely';

const statements = [
  `create table wheelhouse.ledgers (
    project_id text not null references wheelhouse.projects (id),
    server text not null,
    accounts json not null,
    saved_at timestamptz not null default now(),
    primary key (project_id, server)
  )`,
  `create table wheelhouse.dead_letters (
    id text primary key,
    project_id text not null references wheelhouse.projects (id),
    source text not null,
    reason text not null,
    sample text not null,
    path text not null,
    content_type text not null,
    body bytea not null,
    bytes integer not null,
    received_at timestamptz not null,
    replays integer not null default 0
  )`,
  'create index dead_letters_page on wheelhouse.dead_letters (project_id, id desc)',

  `create table wheelhouse.prices (
    id text primary key,
    project_id text not null references wheelhouse.projects (id),
    provider text not null,
    model text not null,
    service_tier text,
    valid_from timestamptz,
    valid_until timestamptz,
    per_million json not null,
    tiers json not null,
    source text not null,
    created_by text not null,
    created_at timestamptz not null default now(),
    ended_by text
  )`,
  'create index prices_page on wheelhouse.prices (project_id, id desc)',
  `create table wheelhouse.repricings (
    number bigint generated always as identity primary key,
    id text not null unique,
    project_id text not null references wheelhouse.projects (id),
    period json not null,
    status text not null default 'queued',
    error text,
    total integer not null,
    progress json not null,
    requested_by text not null,
    requested_at timestamptz not null default now(),
    finished_at timestamptz
  )`,
  'create index repricings_page on wheelhouse.repricings (project_id, number desc)',
];

/** What became of spans, what was refused, own prices, and re-pricings. */
export const ledgerAndPrices = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
