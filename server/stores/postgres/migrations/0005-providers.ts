import { type Kysely, sql } from 'kysely';

const statements = [
  `create table wheelhouse.own_providers (
    project_id text not null references wheelhouse.projects (id),
    name text not null,
    vendor text not null,
    base_url text,
    settings json not null,
    created_by text not null,
    created_at timestamptz not null default now(),
    primary key (project_id, name)
  )`,
  `create table wheelhouse.provider_keys (
    seq bigint generated always as identity primary key,
    id text not null unique,
    project_id text not null references wheelhouse.projects (id),
    provider text not null,
    label text not null,
    last4 text not null,
    sealed bytea not null,
    created_by text not null,
    created_at timestamptz not null default now()
  )`,
];

/** Providers and keys that projects set up. */
export const providers = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
