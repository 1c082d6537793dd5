import { type Kysely, sql } from 'kysely';

/** Projects that are closed and erased, tries to sign in that all servers count together, responses in the background. */
const statements = [
  `create table wheelhouse.project_removals (
    seq bigint generated always as identity,
    project_id text primary key references wheelhouse.projects (id),
    contents json not null,
    error text,
    requested_by text not null,
    requested_at timestamptz not null default now(),
    removed_at timestamptz
  )`,
  `create table wheelhouse.sign_in_tries (
    subject text not null,
    at timestamptz not null,
    id text not null,
    primary key (subject, id)
  )`,
  'create index sign_in_tries_at on wheelhouse.sign_in_tries (at)',
  // What is still to be asked; null: it is answered.
  'alter table wheelhouse.responses add column request text',
  'create index sign_in_tries_id on wheelhouse.sign_in_tries (id)',
];

export const removingProjects = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
