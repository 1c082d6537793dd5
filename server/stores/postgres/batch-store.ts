import type { BatchStore } from '@wheelhouse/core/ports';
import type { Batch, BatchId, FileId, ProjectId } from '@wheelhouse/core/records';
import { type Selectable, sql } from 'kysely';
import type { Database, Db } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { placeIn } from './place-in.ts';
import { recordChange } from './record-change.ts';

const time = (date: Date | null): string | null => date?.toISOString() ?? null;

const toBatch = (row: Selectable<Database['batches']>): Batch & { parts: number } => ({
  id: row.id as BatchId,
  endpoint: row.endpoint,
  inputFileId: row.input_file_id as FileId,
  outputFileId: row.output_file_id as FileId | null,
  errorFileId: row.error_file_id as FileId | null,
  status: row.status,
  problems: row.problems,
  metadata: row.metadata,
  parts: row.parts,
  total: row.total,
  completed: row.completed,
  failed: row.failed,
  requestedBy: row.requested_by,
  createdAt: row.created_at.toISOString(),
  startedAt: time(row.started_at),
  finalizingAt: time(row.finalizing_at),
  endedAt: time(row.ended_at),
  cancellingAt: time(row.cancelling_at),
  expiresAt: row.expires_at.toISOString(),
});

const withoutParts = ({ parts: _, ...batch }: Batch & { parts: number }): Batch => batch;
const going = ['validating', 'in_progress', 'finalizing', 'cancelling'] as const;

export function createBatchStore(db: Db): BatchStore {
  const own = (project: ProjectId, id: BatchId) =>
    db.updateTable('batches').where('project_id', '=', project).where('id', '=', id);
  return {
    create: (by, batch) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .insertInto('batches')
          .values({
            id: batch.id,
            project_id: by.project,
            endpoint: batch.endpoint,
            input_file_id: batch.inputFileId,
            metadata: JSON.stringify(batch.metadata),
            requested_by: by.actor,
            expires_at: batch.expiresAt,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        const detail = { endpoint: batch.endpoint, inputFile: batch.inputFileId };
        await recordChange(tx, by, { action: 'batch.create', subject: batch.id, detail });
        return withoutParts(toBatch(row));
      }),

    async get(project, id) {
      const row = await db
        .selectFrom('batches')
        .selectAll()
        .where('project_id', '=', project)
        .where('id', '=', id)
        .executeTakeFirst();
      return row ? toBatch(row) : null;
    },

    async list(project, { limit, after }) {
      const place = after === undefined ? null : await placeIn(db, 'batches', { project, id: after, param: 'after' });
      const rows = await db
        .selectFrom('batches')
        .selectAll()
        .where('project_id', '=', project)
        .$if(place !== null, (query) => query.where('seq', '<', place ?? ''))
        .orderBy('seq', 'desc')
        .limit(limit)
        .execute();
      return rows.map((row) => withoutParts(toBatch(row)));
    },

    async start(project, id, total) {
      await own(project, id)
        .where('status', '=', 'validating')
        .set({ status: 'in_progress', total, started_at: sql<Date>`now()` })
        .execute();
    },

    async advance(project, id, { parts, completed, failed }) {
      await own(project, id).where('status', 'in', going).set({ parts, completed, failed }).execute();
    },

    async finalize(project, id) {
      await own(project, id)
        .where('status', '=', 'in_progress')
        .set({ status: 'finalizing', finalizing_at: sql<Date>`now()` })
        .execute();
    },

    end: (by, id, { status, problems = [], outputFileId = null, errorFileId = null }) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .updateTable('batches')
          .where('project_id', '=', by.project)
          .where('id', '=', id)
          .where('status', 'in', going)
          .set({
            status,
            problems: JSON.stringify(problems),
            output_file_id: outputFileId,
            error_file_id: errorFileId,
            ended_at: sql<Date>`now()`,
          })
          .returning(['completed', 'failed'])
          .executeTakeFirst();
        if (row) await recordChange(tx, by, { action: `batch.${status}`, subject: id, detail: row });
      }),

    cancel: (by, id) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .updateTable('batches')
          .where('project_id', '=', by.project)
          .where('id', '=', id)
          .where('status', 'in', ['validating', 'in_progress'])
          .set({ status: 'cancelling', cancelling_at: sql<Date>`now()` })
          .returningAll()
          .executeTakeFirst();
        if (row) await recordChange(tx, by, { action: 'batch.cancel', subject: id, detail: {} });
        const found =
          row ??
          (await tx
            .selectFrom('batches')
            .selectAll()
            .where('project_id', '=', by.project)
            .where('id', '=', id)
            .executeTakeFirst());
        return found ? withoutParts(toBatch(found)) : null;
      }),
  };
}
