import type { RenormalizationStore } from '@wheelhouse/core/ports';
import { type Renormalization, type RenormalizationProgress, WheelhouseError } from '@wheelhouse/core/records';
import { type Selectable, sql } from 'kysely';
import type { Database, Db } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';

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
  return {
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

    async get(project, id) {
      const row = await db
        .selectFrom('renormalizations')
        .selectAll()
        .where('project_id', '=', project)
        .where('id', '=', id)
        .executeTakeFirst();
      return row ? toRenormalization(row) : null;
    },

    async list(project, { limit, before }) {
      const rows = await db
        .selectFrom('renormalizations')
        .selectAll()
        .where('project_id', '=', project)
        .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return rows.map(toRenormalization);
    },

    async advance(id, progress) {
      const row = await db
        .updateTable('renormalizations')
        .set({ status: 'running', progress: JSON.stringify(progress) })
        .where('id', '=', id)
        .where('finished_at', 'is', null)
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },

    async finish(id, status, error) {
      await db
        .updateTable('renormalizations')
        .set({ status, error: error ?? null, finished_at: sql<Date>`now()` })
        .where('id', '=', id)
        .where('finished_at', 'is', null)
        .execute();
    },

    cancel: (by, id) =>
      inTransaction(db, async (tx) => {
        const cancelled = await tx
          .updateTable('renormalizations')
          .set({ status: 'cancelled', finished_at: sql<Date>`now()` })
          .where('project_id', '=', by.project)
          .where('id', '=', id)
          .where('finished_at', 'is', null)
          .returningAll()
          .executeTakeFirst();
        if (cancelled) {
          await recordChange(tx, by, { action: 'renormalization.cancel', subject: id, detail: {} });
          return toRenormalization(cancelled);
        }
        const ended = await tx
          .selectFrom('renormalizations')
          .selectAll()
          .where('project_id', '=', by.project)
          .where('id', '=', id)
          .executeTakeFirst();
        if (!ended) throw new WheelhouseError('not_found', `There is no renormalization \`${id}\`.`);
        return toRenormalization(ended);
      }),
  };
}
