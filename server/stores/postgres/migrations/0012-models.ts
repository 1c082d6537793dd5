import { type Kysely, sql } from 'kysely';

/** What people say of models, who made versions and what of. */
const statements = [
  `alter table wheelhouse.models
    add column tags text[] not null default '{}',
    add column owner text,
    add column changed_at timestamptz not null default now()`,
  `alter table wheelhouse.model_versions
    add column example json not null default 'null',
    add column author text not null default '',
    add column made_from text[] not null default '{}'`,
];

export const models = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
