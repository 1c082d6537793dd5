import { type Kysely, sql } from 'kysely';

/** Scoring what is there already. */
const statements = [
  `create table wheelhouse.scorings (
    id text primary key,
    project_id text not null references wheelhouse.projects (id),
    target text not null,
    q text not null,
    now_ns text not null,
    scorers json not null,
    sample double precision not null,
    most integer not null,
    cap_nano_usd bigint,
    status text not null default 'queued',
    error text,
    total integer not null,
    progress json not null,
    requested_by text not null,
    requested_at timestamptz not null default now(),
    finished_at timestamptz
  )`,
  'create index scorings_page on wheelhouse.scorings (project_id, id desc)',
];

export const scorings = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
