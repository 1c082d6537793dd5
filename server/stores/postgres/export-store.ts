import type { TraceExportStore } from '@wheelhouse/core/ports';
import type { ProjectId, TraceExport, TraceExportProgress } from '@wheelhouse/core/records';
import { type Selectable, sql } from 'kysely';
import type { Database, Db } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';

const nothingDone: TraceExportProgress = { parts: 0, traces: 0, bytes: 0, after: null };

const toExport = (row: Selectable<Database['exports']>): TraceExport => ({
  id: row.id,
  q: row.q,
  nowNs: BigInt(row.now_ns),
  status: row.status,
  error: row.error,
  total: row.total,
  progress: row.progress,
  requestedBy: row.requested_by,
  requestedAt: row.requested_at.toISOString(),
  finishedAt: row.finished_at?.toISOString() ?? null,
});

export function createExportStore(db: Db): TraceExportStore {
  const read = (from: Db, project: ProjectId, id: string) =>
    from.selectFrom('exports').selectAll().where('project_id', '=', project).where('id', '=', id).executeTakeFirst();
  return {
    create: (by, { id, q, nowNs, total }) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .insertInto('exports')
          .values({
            ...{ id, project_id: by.project, q, now_ns: nowNs.toString(), total },
            progress: JSON.stringify(nothingDone),
            requested_by: by.actor,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        await recordChange(tx, by, { action: 'export.create', subject: id, detail: { q, traces: total } });
        return toExport(row);
      }),

    async get(project, id) {
      const row = await read(db, project, id);
      return row ? toExport(row) : null;
    },

    async list(project, { limit, before }) {
      const rows = await db
        .selectFrom('exports')
        .selectAll()
        .where('project_id', '=', project)
        .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return rows.map(toExport);
    },

    async advance(id, progress) {
      const row = await db
        .updateTable('exports')
        .set({ status: 'running', progress: JSON.stringify(progress) })
        .where('id', '=', id)
        .where('finished_at', 'is', null)
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },

    async finish(id, status, error) {
      await db
        .updateTable('exports')
        .set({ status, error: error ?? null, finished_at: sql<Date>`now()` })
        .where('id', '=', id)
        .where('finished_at', 'is', null)
        .execute();
    },

    cancel: (by, id) =>
      inTransaction(db, async (tx) => {
        const cancelled = await tx
          .updateTable('exports')
          .set({ status: 'cancelled', finished_at: sql<Date>`now()` })
          .where('project_id', '=', by.project)
          .where('id', '=', id)
          .where('finished_at', 'is', null)
          .returningAll()
          .executeTakeFirst();
        if (cancelled) await recordChange(tx, by, { action: 'export.cancel', subject: id, detail: {} });
        const row = cancelled ?? (await read(tx, by.project, id));
        return row ? toExport(row) : null;
      }),

    remove: (by, id) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .deleteFrom('exports')
          .where('project_id', '=', by.project)
          .where('id', '=', id)
          .returning('q')
          .executeTakeFirst();
        if (row) await recordChange(tx, by, { action: 'export.remove', subject: id, detail: row });
        return row !== undefined;
      }),
  };
}
