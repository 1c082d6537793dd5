import type { DeletionStore } from '@wheelhouse/core/ports';
import type { Actor, Deletion, DeletionId } from '@wheelhouse/core/records';
import { type Selectable, sql } from 'kysely';
import type { Database, Db } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { placeIn } from './place-in.ts';
import { recordChange } from './record-change.ts';

const toDeletion = (row: Selectable<Database['deletions']>): Deletion => ({
  id: row.id as DeletionId,
  subject: row.subject,
  status: row.status,
  error: row.error,
  traces: row.traces,
  requestedBy: row.requested_by,
  requestedAt: row.requested_at.toISOString(),
  finishedAt: row.finished_at?.toISOString() ?? null,
});

type End = { status: 'completed'; traces: number } | { status: 'failed'; error: string };

/** A job may be run again after it ended; what is recorded of it stays. */
const end = (db: Db, by: Actor, id: DeletionId, ended: End): Promise<void> =>
  inTransaction(db, async (tx) => {
    const row = await tx
      .updateTable('deletions')
      .set({ ...ended, finished_at: sql`now()` })
      .where('project_id', '=', by.project)
      .where('id', '=', id)
      .where('status', '=', 'queued')
      .returning('subject')
      .executeTakeFirst();
    if (!row) return;
    const { status, ...detail } = ended;
    await recordChange(tx, by, {
      action: status === 'completed' ? 'deletion.complete' : 'deletion.fail',
      subject: id,
      detail: { ...row.subject, ...detail },
    });
  });

export function createDeletionStore(db: Db): DeletionStore {
  return {
    create: (by, { id, subject }) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .insertInto('deletions')
          .values({ id, project_id: by.project, subject: JSON.stringify(subject), requested_by: by.actor })
          .returningAll()
          .executeTakeFirstOrThrow();
        await recordChange(tx, by, { action: 'deletion.create', subject: id, detail: { ...subject } });
        return toDeletion(row);
      }),

    complete: (by, id, traces) => end(db, by, id, { status: 'completed', traces }),
    fail: (by, id, error) => end(db, by, id, { status: 'failed', error }),

    async get(project, id) {
      const row = await db
        .selectFrom('deletions')
        .selectAll()
        .where('project_id', '=', project)
        .where('id', '=', id)
        .executeTakeFirst();
      return row ? toDeletion(row) : null;
    },

    async list(project, { limit, before }) {
      const place =
        before === undefined ? null : await placeIn(db, 'deletions', { project, id: before, param: 'cursor' });
      const rows = await db
        .selectFrom('deletions')
        .selectAll()
        .where('project_id', '=', project)
        .$if(place !== null, (query) => query.where('seq', '<', place ?? ''))
        .orderBy('seq', 'desc')
        .limit(limit)
        .execute();
      return rows.map(toDeletion);
    },
  };
}
