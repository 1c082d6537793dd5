import { type Kysely, sql } from 'kysely';

const statements = [
  `create table wheelhouse.people (
    id text primary key,
    email text not null unique,
    name text not null,
    password_hash text,
    created_at timestamptz not null default now()
  )`,
  `create table wheelhouse.identities (
    issuer text not null,
    subject text not null,
    person_id text not null references wheelhouse.people (id),
    primary key (issuer, subject)
  )`,
  `create table wheelhouse.teams (
    id text primary key,
    project_id text not null references wheelhouse.projects (id),
    name text not null,
    created_at timestamptz not null default now(),
    unique (project_id, name)
  )`,
  `create table wheelhouse.memberships (
    project_id text not null references wheelhouse.projects (id),
    person_id text not null references wheelhouse.people (id),
    role text not null,
    team_id text references wheelhouse.teams (id) on delete set null,
    since timestamptz not null default now(),
    primary key (project_id, person_id)
  )`,
  `create table wheelhouse.invitations (
    seq bigint generated always as identity primary key,
    id text not null unique,
    project_id text not null references wheelhouse.projects (id),
    email text not null,
    role text not null,
    hash text not null unique,
    created_by text not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    unique (project_id, email)
  )`,
  `create table wheelhouse.keys (
    seq bigint generated always as identity primary key,
    id text not null unique,
    project_id text not null references wheelhouse.projects (id),
    name text not null,
    hash text not null unique,
    last4 text not null,
    role text,
    person_id text references wheelhouse.people (id),
    team_id text references wheelhouse.teams (id) on delete set null,
    created_by text not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz
  )`,
  `create table wheelhouse.sessions (
    id text primary key,
    hash text not null unique,
    person_id text references wheelhouse.people (id),
    agent text not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
  )`,
];

/** People, teams, keys, invitations and who is signed in. Secrets are kept as hashes alone. */
export const access = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
