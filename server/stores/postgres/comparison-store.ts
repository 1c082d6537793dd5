import type { ComparisonStore } from '@wheelhouse/core/ports';
import { type Comparison, type ComparisonId, type DatasetId, WheelhouseError } from '@wheelhouse/core/records';
import { type Selectable, sql } from 'kysely';
import type { ComparisonDefinition, Database, Db, Tx } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { placeIn } from './place-in.ts';
import { recordChange } from './record-change.ts';

function toComparison(row: Selectable<Database['comparisons']>): Comparison {
  const { datasetId, dataset, datasetVersion, a, b, scorers, repetitions } = row.definition;
  return {
    id: row.id as ComparisonId,
    datasetId: datasetId as DatasetId,
    dataset,
    datasetVersion,
    a,
    b,
    scorers,
    repetitions,
    status: row.status,
    error: row.error,
    done: row.done,
    total: row.total,
    erased: row.erased,
    costNanoUsd: row.cost_nano_usd === null ? null : BigInt(row.cost_nano_usd),
    results: row.results,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}

/** Whether the comparison may still change: a completed one is final, also for a job that is run a second time. */
async function lockUnfinished(tx: Tx, id: ComparisonId): Promise<boolean> {
  const row = await tx.selectFrom('comparisons').select('status').where('id', '=', id).forUpdate().executeTakeFirst();
  if (!row) throw new WheelhouseError('not_found', `There is no comparison \`${id}\`.`);
  return row.status !== 'completed';
}

export function createComparisonStore(db: Db): ComparisonStore {
  return {
    create: (by, comparison) =>
      inTransaction(db, async (tx) => {
        const { id, total, erased, datasetId, dataset, datasetVersion, a, b, scorers, repetitions } = comparison;
        const definition: ComparisonDefinition = { datasetId, dataset, datasetVersion, a, b, scorers, repetitions };
        const row = await tx
          .insertInto('comparisons')
          .values({ id, project_id: by.project, definition: JSON.stringify(definition), total, erased })
          .onConflict((conflict) => conflict.doNothing())
          .returningAll()
          .executeTakeFirst();
        if (!row) throw new WheelhouseError('conflict', `There is already a comparison \`${id}\`.`);
        await recordChange(tx, by, {
          action: 'comparison.create',
          subject: id,
          detail: { dataset: `${dataset}@${datasetVersion}`, a: a.ref, b: b.ref },
        });
        return toComparison(row);
      }),

    setStatus: (id, status, error) =>
      inTransaction(db, async (tx) => {
        if (!(await lockUnfinished(tx, id))) return;
        const finished = status === 'completed' || status === 'failed';
        await tx
          .updateTable('comparisons')
          .set({ status, error: error ?? null, finished_at: finished ? sql`now()` : null })
          .where('id', '=', id)
          .execute();
      }),

    setProgress: (id, done, costNanoUsd) =>
      inTransaction(db, async (tx) => {
        if (!(await lockUnfinished(tx, id))) return;
        await tx.updateTable('comparisons').set({ done, cost_nano_usd: costNanoUsd }).where('id', '=', id).execute();
      }),

    complete: (id, results, { total, erased }) =>
      inTransaction(db, async (tx) => {
        if (!(await lockUnfinished(tx, id))) return;
        await tx
          .updateTable('comparisons')
          .set({
            status: 'completed',
            error: null,
            results: JSON.stringify(results),
            total,
            erased,
            finished_at: sql`now()`,
          })
          .where('id', '=', id)
          .execute();
      }),

    async get(project, id) {
      const row = await db
        .selectFrom('comparisons')
        .selectAll()
        .where('project_id', '=', project)
        .where('id', '=', id)
        .executeTakeFirst();
      return row ? toComparison(row) : null;
    },

    async list(project, { limit, before }) {
      const place =
        before === undefined ? null : await placeIn(db, 'comparisons', { project, id: before, param: 'cursor' });
      const rows = await db
        .selectFrom('comparisons')
        .selectAll()
        .where('project_id', '=', project)
        .$if(place !== null, (query) => query.where('seq', '<', place ?? ''))
        .orderBy('seq', 'desc')
        .limit(limit)
        .execute();
      return rows.map(toComparison);
    },
  };
}
