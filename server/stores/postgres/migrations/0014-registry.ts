import { type Kysely, sql } from 'kysely';

/** Where aliases were, who may move them, who asked for it, what people say, and quick ways to what was made from what. */
const statements = [
  `alter table wheelhouse.model_aliases add column befores integer[] not null default '{}'`,
  `create table wheelhouse.alias_rules (
    project_id text not null references wheelhouse.projects (id),
    alias text not null,
    role text not null,
    review boolean not null,
    changed_by text not null,
    changed_at timestamptz not null default now(),
    primary key (project_id, alias)
  )`,
  `create table wheelhouse.alias_requests (
    seq bigint generated always as identity,
    id text primary key,
    project_id text not null references wheelhouse.projects (id),
    model_id text not null references wheelhouse.models (id),
    alias text not null,
    from_version integer,
    to_version integer not null,
    message text not null,
    status text not null default 'open',
    asked_by text not null,
    asked_at timestamptz not null default now(),
    decided_by text,
    decided_at timestamptz,
    comment text not null default ''
  )`,
  'create index alias_requests_page on wheelhouse.alias_requests (project_id, seq desc)',
  `create unique index alias_requests_open on wheelhouse.alias_requests (model_id, alias, to_version)
    where status = 'open'`,
  `create table wheelhouse.comments (
    seq bigint generated always as identity,
    id text primary key,
    project_id text not null references wheelhouse.projects (id),
    on_ref text not null,
    text text not null,
    mentions text[] not null,
    author text not null,
    created_at timestamptz not null default now(),
    changed_at timestamptz
  )`,
  'create index comments_page on wheelhouse.comments (project_id, on_ref, seq desc)',
  'create index comments_mentions on wheelhouse.comments using gin (mentions)',
  'create index model_versions_made_from on wheelhouse.model_versions using gin (made_from)',
  'create index audit_subject on wheelhouse.audit (project_id, subject, id desc)',
  'create index audit_actor on wheelhouse.audit (project_id, actor, id desc)',
];

export const registry = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
