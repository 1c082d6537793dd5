import type { ViewStore } from '@wheelhouse/core/ports';
import { type View, type ViewId, WheelhouseError } from '@wheelhouse/core/records';
import type { Selectable } from 'kysely';
import type { Database, Db } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';

const toView = (row: Selectable<Database['views']>): View => ({
  id: row.id as ViewId,
  name: row.name,
  url: row.url,
  createdBy: row.created_by,
  createdAt: row.created_at.toISOString(),
});

export function createViewStore(db: Db): ViewStore {
  return {
    create: (by, { id, name, url }) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .insertInto('views')
          .values({ id, project_id: by.project, name, url, created_by: by.actor })
          .onConflict((conflict) => conflict.doNothing())
          .returningAll()
          .executeTakeFirst();
        if (!row)
          throw new WheelhouseError('conflict', `There is already a view \`${name}\`.`, {
            param: 'name',
            hint: 'Take another name, or remove that view first.',
          });
        await recordChange(tx, by, { action: 'view.create', subject: id, detail: { name, url } });
        return toView(row);
      }),

    async list(project) {
      const rows = await db.selectFrom('views').selectAll().where('project_id', '=', project).orderBy('name').execute();
      return rows.map(toView);
    },

    remove: (by, id) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .deleteFrom('views')
          .where('project_id', '=', by.project)
          .where('id', '=', id)
          .returning('name')
          .executeTakeFirst();
        if (!row) return false;
        await recordChange(tx, by, { action: 'view.remove', subject: id, detail: { name: row.name } });
        return true;
      }),
  };
}
