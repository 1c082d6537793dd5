import type { FeedbackKeyStore } from '@wheelhouse/core/ports';
import type { FeedbackKey, FeedbackKeyId, ProjectId } from '@wheelhouse/core/records';
import { type Selectable, sql } from 'kysely';
import type { Database, Db } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';

const toKey = (row: Selectable<Database['feedback_keys']>): FeedbackKey => ({
  id: row.id as FeedbackKeyId,
  name: row.name,
  key: row.key,
  scores: row.scores,
  origins: row.origins,
  createdBy: row.created_by,
  createdAt: row.created_at.toISOString(),
  revokedAt: row.revoked_at?.toISOString() ?? null,
});

export function createFeedbackKeyStore(db: Db): FeedbackKeyStore {
  return {
    create: (by, { id, name, key, scores, origins }) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .insertInto('feedback_keys')
          .values({ id, project_id: by.project, name, key, scores, origins, created_by: by.actor })
          .returningAll()
          .executeTakeFirstOrThrow();
        await recordChange(tx, by, { action: 'feedback_key.create', subject: id, detail: { name, scores, origins } });
        return toKey(row);
      }),

    async list(project) {
      const rows = await db
        .selectFrom('feedback_keys')
        .selectAll()
        .where('project_id', '=', project)
        .orderBy('seq', 'desc')
        .execute();
      return rows.map(toKey);
    },

    revoke: (by, id) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .selectFrom('feedback_keys')
          .selectAll()
          .where('project_id', '=', by.project)
          .where('id', '=', id)
          .forUpdate()
          .executeTakeFirst();
        if (!row) return null;
        if (row.revoked_at !== null) return toKey(row);
        const revoked = await tx
          .updateTable('feedback_keys')
          .set({ revoked_at: sql<Date>`now()` })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirstOrThrow();
        await recordChange(tx, by, { action: 'feedback_key.revoke', subject: id, detail: { name: row.name } });
        return toKey(revoked);
      }),

    async active() {
      const rows = await db.selectFrom('feedback_keys').selectAll().where('revoked_at', 'is', null).execute();
      return rows.map((row) => ({ ...toKey(row), project: row.project_id as ProjectId }));
    },
  };
}
