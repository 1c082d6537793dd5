import type { DashboardStore } from '@wheelhouse/core/ports';
import { type Dashboard, type DashboardDefinition, type JsonObject, WheelhouseError } from '@wheelhouse/core/records';
import { type Selectable, sql } from 'kysely';
import type { Database, Db, Tx } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';

const toDashboard = (row: Selectable<Database['dashboards']>): Dashboard => ({
  ...{ id: row.id, name: row.name, revision: row.revision, ...row.definition },
  ...{ createdBy: row.created_by, createdAt: row.created_at.toISOString() },
  ...{ changedBy: row.changed_by, changedAt: row.changed_at.toISOString() },
});

/** What the audit log says of one. */
const saidOf = ({ title, panels }: DashboardDefinition): JsonObject => ({
  ...{ title, panels: panels.map((panel) => panel.title) },
});

const held = (tx: Tx, project: string, name: string) =>
  tx
    .selectFrom('dashboards')
    .selectAll()
    .where('project_id', '=', project)
    .where('name', '=', name)
    .forUpdate()
    .executeTakeFirst();

const changedMeanwhile = (name: string, revision: number) =>
  new WheelhouseError(
    'conflict',
    revision === 0
      ? `There is no dashboard \`${name}\` any more.`
      : `The dashboard \`${name}\` is at revision ${revision}.`,
    { param: 'ifRevision', hint: 'Read it again, and make the change in what is there now.' },
  );

export function createDashboardStore(db: Db): DashboardStore {
  return {
    set: (by, { id, name, definition, ifRevision }) =>
      inTransaction(db, async (tx) => {
        const was = await held(tx, by.project, name);
        if (ifRevision !== null && ifRevision !== (was?.revision ?? 0))
          throw changedMeanwhile(name, was?.revision ?? 0);
        const said = JSON.stringify(definition);
        const row = was
          ? await tx
              .updateTable('dashboards')
              .set({
                ...{ definition: said, revision: was.revision + 1, changed_by: by.actor },
                changed_at: sql<Date>`now()`,
              })
              .where('id', '=', was.id)
              .returningAll()
              .executeTakeFirstOrThrow()
          : await tx
              .insertInto('dashboards')
              .values({
                ...{ id, project_id: by.project, name, definition: said },
                ...{ created_by: by.actor, changed_by: by.actor },
              })
              // Two that make it at once: one of them did.
              .onConflict((conflict) => conflict.doNothing())
              .returningAll()
              .executeTakeFirst();
        if (!row) throw changedMeanwhile(name, 1);
        const detail = { before: was ? saidOf(was.definition) : null, after: saidOf(definition) };
        await recordChange(tx, by, { action: 'dashboard.set', subject: name, detail });
        return toDashboard(row);
      }),

    async get(project, name) {
      const row = await db
        .selectFrom('dashboards')
        .selectAll()
        .where('project_id', '=', project)
        .where('name', '=', name)
        .executeTakeFirst();
      return row ? toDashboard(row) : null;
    },

    async list(project) {
      const rows = await db
        .selectFrom('dashboards')
        .selectAll()
        .where('project_id', '=', project)
        .orderBy('name')
        .execute();
      return rows.map(toDashboard);
    },

    remove: (by, name) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .deleteFrom('dashboards')
          .where('project_id', '=', by.project)
          .where('name', '=', name)
          .returning('definition')
          .executeTakeFirst();
        if (!row) return false;
        await recordChange(tx, by, { action: 'dashboard.remove', subject: name, detail: saidOf(row.definition) });
        return true;
      }),
  };
}
