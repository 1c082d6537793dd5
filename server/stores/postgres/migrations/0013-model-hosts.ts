import { type Kysely, sql } from 'kysely';

const statements = [
  `create table wheelhouse.model_hosts (
    seq bigint generated always as identity,
    id text primary key,
    project_id text not null references wheelhouse.projects (id),
    model text not null,
    version integer not null,
    url text not null,
    sealed bytea not null,
    created_by text not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
  )`,
  'create index model_hosts_live on wheelhouse.model_hosts (project_id, expires_at)',
];

/** Where the code of versions is served now. */
export const modelHosts = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
