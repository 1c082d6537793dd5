import type { TraceExportStore } from '@wheelhouse/core/ports';
import type { TraceExport, TraceExportProgress } from '@wheelhouse/core/records';
import type { Selectable } from 'kysely';
import type { Database, Db } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';
import { createTaskRows } from './task-rows.ts';

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
  const rows = createTaskRows(db, {
    table: 'exports',
    noun: 'export',
    toTask: toExport,
    printProgress: JSON.stringify,
  });
  return {
    ...rows,

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
