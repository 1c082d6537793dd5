import { type Kysely, sql } from 'kysely';

/** Alerts of groups, when monitors were looked at, and what definitions say since then. */
export const monitorGroups = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table wheelhouse.alerts add column group_name text`.execute(db);
    await sql`alter table wheelhouse.monitors add column looked_ms bigint not null default 0`.execute(db);
    await sql`create index alerts_open on wheelhouse.alerts (project_id, monitor) where closed_at is null`.execute(db);
    await sql`update wheelhouse.monitors set definition = jsonb_set(definition::jsonb, '{by}', 'null')::json`.execute(
      db,
    );
    await sql`update wheelhouse.monitors set definition = jsonb_set(definition::jsonb, '{rule,budgetUsd}', '1')::json
      where definition #>> '{rule,kind}' in ('drift', 'probe')`.execute(db);
    await sql`update wheelhouse.monitors set definition = jsonb_set(definition::jsonb, '{rule,embed}', 'null')::json
      where definition #>> '{rule,kind}' = 'drift'`.execute(db);
  },
};
