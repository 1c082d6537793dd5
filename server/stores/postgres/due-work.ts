import type { DueKind, DueWork } from '@wheelhouse/core/ports';
import { type RawBuilder, sql } from 'kysely';
import { isDueMessage } from './channel-store.ts';
import { type HeldTable, isDueIn } from './claim-due.ts';
import type { Db } from './database.ts';
import { withoutFeed } from './issue-store.ts';
import { isOwingDrafts } from './release-store.ts';

const held = (table: HeldTable, nowMs: number) =>
  sql`exists (select 1 from ${sql.table(`wheelhouse.${table}`)} where ${isDueIn(table, nowMs)})`;

/** By the conditions that claims have. */
const conditions: Record<DueKind, (nowMs: number) => RawBuilder<unknown>> = {
  abuse: (nowMs) => held('abuse_policies', nowMs),
  drafts: () => sql`exists (select 1 from wheelhouse.releases where ${isOwingDrafts})`,
  issues: (nowMs) => sql`(${held('issue_feeds', nowMs)} or exists (select 1 from ${withoutFeed}))`,
  messages: (nowMs) => sql`exists (select 1 from wheelhouse.alert_messages m where ${isDueMessage(nowMs)})`,
  monitors: (nowMs) => held('monitors', nowMs),
  online: (nowMs) => held('online_evaluations', nowMs),
  pipelines: (nowMs) => sql`(${held('pipelines', nowMs)} or ${held('pipeline_runs', nowMs)})`,
};

export function createDueWork(db: Db): DueWork {
  return {
    async due(nowMs) {
      const named = Object.entries(conditions).map(
        ([kind, isDue]) => sql`case when ${isDue(nowMs)} then ${kind}::text end`,
      );
      const { rows } = await sql<{ kind: DueKind | null }>`select unnest(array[${sql.join(named)}]) as kind`.execute(
        db,
      );
      return rows.flatMap(({ kind }) => kind ?? []);
    },
  };
}
