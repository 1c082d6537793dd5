import type { ProjectRemovalStore } from '@wheelhouse/core/ports';
import { defaultProjectId, type ProjectId, type ProjectRemoval } from '@wheelhouse/core/records';
import { type Selectable, sql } from 'kysely';
import type { Database, Db } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';

const toRemoval = (row: Selectable<Database['project_removals']>): ProjectRemoval => ({
  project: row.project_id as ProjectId,
  contents: row.contents,
  error: row.error,
  requestedBy: row.requested_by,
  requestedAt: row.requested_at.toISOString(),
  removedAt: row.removed_at?.toISOString() ?? null,
});

export function createRemovalStore(db: Db): ProjectRemovalStore {
  return {
    close: (by, contents) =>
      inTransaction(db, async (tx) => {
        const made = await tx
          .insertInto('project_removals')
          .values({ project_id: by.project, contents: JSON.stringify(contents), requested_by: by.actor })
          .onConflict((conflict) => conflict.doNothing())
          .returningAll()
          .executeTakeFirst();
        if (made) {
          await tx.deleteFrom('invitations').where('project_id', '=', by.project).execute();
          const byInstall = { ...by, project: defaultProjectId };
          await recordChange(tx, byInstall, { action: 'project.close', subject: by.project, detail: { ...contents } });
          return toRemoval(made);
        }
        const row = tx.selectFrom('project_removals').selectAll().where('project_id', '=', by.project);
        return toRemoval(await row.executeTakeFirstOrThrow());
      }),

    async list() {
      const rows = await db.selectFrom('project_removals').selectAll().orderBy('seq', 'desc').execute();
      return rows.map(toRemoval);
    },

    complete: (by) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .updateTable('project_removals')
          .set({ removed_at: sql<Date>`now()`, error: null })
          .where('project_id', '=', by.project)
          .where('removed_at', 'is', null)
          .returning('project_id')
          .executeTakeFirst();
        if (!row) return;
        // The row stays, so that nobody else gets the id; what people called the project goes.
        await tx.updateTable('projects').set({ name: by.project }).where('id', '=', by.project).execute();
        const byInstall = { ...by, project: defaultProjectId };
        await recordChange(tx, byInstall, { action: 'project.remove', subject: by.project, detail: {} });
      }),

    async fail(project, error) {
      await db
        .updateTable('project_removals')
        .set({ error })
        .where('project_id', '=', project)
        .where('removed_at', 'is', null)
        .execute();
    },
  };
}
