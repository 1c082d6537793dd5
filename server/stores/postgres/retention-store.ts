import type { RetentionStore } from '@wheelhouse/core/ports';
import { type KeepDays, type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import type { Db } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';

const toKeepDays = (days: number | null): KeepDays | null => (days === 0 ? 'forever' : days);

export function createRetentionStore(db: Db): RetentionStore {
  return {
    async all() {
      const rows = await db
        .selectFrom('projects')
        .select(['id', 'keep_days'])
        .where('id', 'not in', db.selectFrom('project_removals').select('project_id'))
        .orderBy('id')
        .execute();
      return rows.map(({ id, keep_days }) => ({ project: id as ProjectId, keepDays: toKeepDays(keep_days) }));
    },

    async keepDays(project) {
      const row = await db.selectFrom('projects').select('keep_days').where('id', '=', project).executeTakeFirst();
      return toKeepDays(row?.keep_days ?? null);
    },

    setKeepDays: (by, keepDays) =>
      inTransaction(db, async (tx) => {
        const was = await tx
          .selectFrom('projects')
          .select('keep_days')
          .where('id', '=', by.project)
          .forUpdate()
          .executeTakeFirst();
        if (!was) throw new WheelhouseError('not_found', `There is no project \`${by.project}\`.`);
        await tx
          .updateTable('projects')
          .set({ keep_days: keepDays === 'forever' ? 0 : keepDays })
          .where('id', '=', by.project)
          .execute();
        const detail = { before: { keepDays: toKeepDays(was.keep_days) }, after: { keepDays } };
        await recordChange(tx, by, { action: 'project.keep', subject: by.project, detail });
      }),
  };
}
