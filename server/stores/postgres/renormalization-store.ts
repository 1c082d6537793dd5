import type { RenormalizationStore } from '@wheelhouse/core/ports';
import type { Renormalization, RenormalizationProgress } from '@wheelhouse/core/records';
import type { Selectable } from 'kysely';
import type { Database, Db } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';
import { createTaskRows, found } from './task-rows.ts';

const nothingDone: RenormalizationProgress = { done: 0, changed: 0, after: null };

const toRenormalization = (row: Selectable<Database['renormalizations']>): Renormalization => ({
  id: row.id,
  from: row.from_at,
  until: row.until_at,
  normalizer: row.normalizer,
  status: row.status,
  error: row.error,
  total: row.total,
  progress: row.progress,
  requestedBy: row.requested_by,
  requestedAt: row.requested_at.toISOString(),
  finishedAt: row.finished_at?.toISOString() ?? null,
});

export function createRenormalizationStore(db: Db): RenormalizationStore {
  const rows = createTaskRows(db, {
    table: 'renormalizations',
    noun: 'renormalization',
    toTask: toRenormalization,
    printProgress: JSON.stringify,
  });
  return {
    ...rows,

    create: (by, { id, from, until, normalizer, total }) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .insertInto('renormalizations')
          .values({
            ...{ id, project_id: by.project, from_at: from, until_at: until, normalizer, total },
            progress: JSON.stringify(nothingDone),
            requested_by: by.actor,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        const detail = { from, until, normalizer, fragments: total };
        await recordChange(tx, by, { action: 'renormalization.create', subject: id, detail });
        return toRenormalization(row);
      }),

    cancel: async (by, id) => found(await rows.cancel(by, id), `There is no renormalization \`${id}\`.`),
  };
}
