import { type Kysely, sql } from 'kysely';

/** Bytes that came with traces, where they belong, blobs on their way in or out, and tickets for both. */
const statements = [
  `create table wheelhouse.attachments (
    project_id text not null references wheelhouse.projects (id),
    id text not null,
    sha256 text not null,
    bytes bigint not null,
    type text not null,
    blob text not null,
    created_at timestamptz not null default now(),
    primary key (project_id, id)
  )`,
  `create table wheelhouse.attachment_places (
    seq bigint generated always as identity,
    project_id text not null,
    trace_id text not null,
    span_id text not null,
    attachment_id text not null,
    name text not null,
    created_at timestamptz not null default now(),
    primary key (project_id, trace_id, span_id, attachment_id, name),
    foreign key (project_id, attachment_id) references wheelhouse.attachments (project_id, id)
  )`,
  'create index attachment_places_of on wheelhouse.attachment_places (project_id, attachment_id)',
  `create table wheelhouse.doomed_blobs (
    name text primary key,
    project_id text not null references wheelhouse.projects (id),
    due_at timestamptz not null,
    claimed boolean not null default false
  )`,
  'create index doomed_blobs_due on wheelhouse.doomed_blobs (due_at)',
  `create table wheelhouse.attachment_tickets (
    hash text primary key,
    project_id text not null references wheelhouse.projects (id),
    ticket json not null,
    expires_at timestamptz not null
  )`,
  'create index attachment_tickets_expired on wheelhouse.attachment_tickets (expires_at)',
];

export const attachments = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
