import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { Database, Db } from './database.ts';

/** Tables of what servers share by holds, and by what a row of each is found again. */
const keys = {
  abuse_policies: 'project_id',
  issue_feeds: 'project_id',
  monitors: 'id',
  online_evaluations: 'id',
  pipeline_runs: 'id',
  pipelines: 'id',
} as const;

type HeldTable = keyof typeof keys;

/**
 * Takes what is due and held by nobody, the longest due first, until `nowMs + holdMs`; the rows as they are from then on. No
 * row is given to two who ask at once.
 * @param options.only which rows of the table can be due at all
 * @param options.early which of them are due before their time
 */
export async function claimDue<Table extends HeldTable>(
  db: Db,
  table: Table,
  options: { nowMs: number; holdMs: number; limit: number; only?: RawBuilder<unknown>; early?: RawBuilder<unknown> },
): Promise<Selectable<Database[Table]>[]> {
  const { nowMs, holdMs, limit, only = sql`true`, early = sql`false` } = options;
  const held = sql.table(`wheelhouse.${table}`);
  const key = sql.ref(keys[table]);
  const { rows } = await sql<Selectable<Database[Table]>>`
    with taken as (
      update ${held} set held_until_ms = ${nowMs + holdMs}
      where ${key} in (
        select ${key} from ${held} where ${only} and (due_ms <= ${nowMs} or ${early}) and held_until_ms <= ${nowMs}
        order by due_ms limit ${limit} for update skip locked)
      returning *)
    select * from taken order by due_ms`.execute(db);
  return rows;
}
