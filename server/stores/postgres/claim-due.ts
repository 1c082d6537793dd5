import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { Database, Db } from './database.ts';

type Condition = RawBuilder<unknown>;
type Held = {
  /** By what a row is found again. */
  key: 'id' | 'project_id';
  /** Which rows can be due at all. */
  only?: Condition;
  /** Which of them are due before their time. */
  early?: (nowMs: number) => Condition;
};

/** Clocks of servers are less apart; what was looked at further in the future was so by a clock that was wrong. */
const clocksApartMs = 60_000;

/** Tables of what servers share by holds. */
const tables = {
  abuse_policies: { key: 'project_id', only: sql`mode <> 'off'` },
  issue_feeds: { key: 'project_id' },
  monitors: { key: 'id', early: (nowMs) => sql`looked_ms > ${nowMs + clocksApartMs}` },
  online_evaluations: { key: 'id', only: sql`not is_paused` },
  pipeline_runs: { key: 'id', only: sql`ended_at is null` },
  pipelines: { key: 'id' },
} as const satisfies Record<string, Held>;

export type HeldTable = keyof typeof tables;

/** What is due in a table and held by nobody. */
export function isDueIn(table: HeldTable, nowMs: number): Condition {
  const { only = sql`true`, early = () => sql`false` }: Held = tables[table];
  return sql`${only} and (due_ms <= ${nowMs} or ${early(nowMs)}) and held_until_ms <= ${nowMs}`;
}

/**
 * Takes what is due and held by nobody, the longest due first, until `nowMs + holdMs`; the rows as they are from then on. No
 * row is given to two who ask at once.
 */
export async function claimDue<Table extends HeldTable>(
  db: Db,
  table: Table,
  { nowMs, holdMs, limit }: { nowMs: number; holdMs: number; limit: number },
): Promise<Selectable<Database[Table]>[]> {
  const held = sql.table(`wheelhouse.${table}`);
  const key = sql.ref(tables[table].key);
  const { rows } = await sql<Selectable<Database[Table]>>`
    with taken as (
      update ${held} set held_until_ms = ${nowMs + holdMs}
      where ${key} in (
        select ${key} from ${held} where ${isDueIn(table, nowMs)}
        order by due_ms limit ${limit} for update skip locked)
      returning *)
    select * from taken order by due_ms`.execute(db);
  return rows;
}
