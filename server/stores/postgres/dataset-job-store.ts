import type { DatasetJobStore, DatasetRuleStore } from '@wheelhouse/core/ports';
import type { DatasetJob, DatasetJobProgress, DatasetRule, ProjectId } from '@wheelhouse/core/records';
import { type Selectable, sql } from 'kysely';
import type { Database, Db } from './database.ts';
import { findDataset } from './dataset-rows.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';
import { createTaskRows } from './task-rows.ts';

const nothingDone: DatasetJobProgress = {
  ...{ read: 0, total: null, added: 0, skipped: 0, refused: 0, problems: [], place: null },
};

const toJob = (row: Selectable<Database['dataset_jobs']>): DatasetJob => ({
  id: row.id,
  dataset: row.dataset,
  kind: row.kind,
  params: row.params,
  status: row.status,
  error: row.error,
  progress: row.progress,
  result: row.result,
  requestedBy: row.requested_by,
  requestedAt: row.requested_at.toISOString(),
  finishedAt: row.finished_at?.toISOString() ?? null,
});

export function createDatasetJobStore(db: Db): DatasetJobStore {
  const rows = createTaskRows(db, {
    table: 'dataset_jobs',
    noun: 'dataset_job',
    toTask: toJob,
    printProgress: JSON.stringify,
  });
  return {
    ...{ get: rows.get, advance: rows.advance, cancel: rows.cancel },

    create: (by, { id, dataset, kind, params }) =>
      inTransaction(db, async (tx) => {
        const { id: dataset_id } = await findDataset(tx, by.project, dataset);
        const row = await tx
          .insertInto('dataset_jobs')
          .values({
            ...{ id, project_id: by.project, dataset_id, dataset, kind },
            params: JSON.stringify(params),
            progress: JSON.stringify(nothingDone),
            requested_by: by.actor,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        await recordChange(tx, by, { action: `dataset.${kind}`, subject: dataset, detail: { job: id } });
        return toJob(row);
      }),

    async list(project, dataset, { limit, before, kind }) {
      const { id } = await findDataset(db, project, dataset);
      const found = await db
        .selectFrom('dataset_jobs')
        .selectAll()
        .where('dataset_id', '=', id)
        .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
        .$if(kind !== undefined, (query) => query.where('kind', '=', kind ?? 'import'))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return found.map(toJob);
    },

    async finish(id, end) {
      await db
        .updateTable('dataset_jobs')
        .set({
          status: end.status,
          error: end.status === 'failed' ? end.error : null,
          result: end.status === 'completed' && end.result !== null ? JSON.stringify(end.result) : null,
          finished_at: sql<Date>`now()`,
        })
        .where('id', '=', id)
        .where('finished_at', 'is', null)
        .execute();
    },
  };
}

const toRule = (row: Selectable<Database['dataset_rules']>): DatasetRule => ({
  id: row.id,
  q: row.q,
  sample: row.sample,
  expected: row.expected,
  tags: row.tags,
  paused: row.paused,
  added: row.added,
  createdBy: row.created_by,
  createdAt: row.created_at.toISOString(),
});

export function createDatasetRuleStore(db: Db): DatasetRuleStore {
  return {
    create: (by, dataset, rule) =>
      inTransaction(db, async (tx) => {
        const { id: dataset_id } = await findDataset(tx, by.project, dataset);
        const row = await tx
          .insertInto('dataset_rules')
          .values({ ...rule, dataset_id, created_by: by.actor })
          .returningAll()
          .executeTakeFirstOrThrow();
        await recordChange(tx, by, { action: 'dataset_rule.create', subject: dataset, detail: { ...rule } });
        return toRule(row);
      }),

    async list(project, dataset) {
      const { id } = await findDataset(db, project, dataset);
      const rows = await db
        .selectFrom('dataset_rules')
        .selectAll()
        .where('dataset_id', '=', id)
        .orderBy('id', 'desc')
        .execute();
      return rows.map(toRule);
    },

    async all() {
      const rows = await db
        .selectFrom('dataset_rules as r')
        .innerJoin('datasets as d', 'd.id', 'r.dataset_id')
        .where('d.removed_at', 'is', null)
        .selectAll('r')
        .select(['d.project_id', 'd.name'])
        .execute();
      return rows.map(({ project_id, name, ...row }) => ({
        ...{ project: project_id as ProjectId, dataset: name },
        rule: toRule(row),
      }));
    },

    async count(_project, id, added) {
      await db
        .updateTable('dataset_rules')
        .set({ added: sql`added + ${added}::integer` })
        .where('id', '=', id)
        .execute();
    },

    pause: (by, dataset, { id, paused }) =>
      inTransaction(db, async (tx) => {
        const { id: dataset_id } = await findDataset(tx, by.project, dataset);
        const row = await tx
          .updateTable('dataset_rules')
          .set({ paused })
          .where('dataset_id', '=', dataset_id)
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) return null;
        const action = paused ? 'dataset_rule.pause' : 'dataset_rule.resume';
        await recordChange(tx, by, { action, subject: dataset, detail: { id } });
        return toRule(row);
      }),

    remove: (by, dataset, id) =>
      inTransaction(db, async (tx) => {
        const { id: dataset_id } = await findDataset(tx, by.project, dataset);
        const { numDeletedRows } = await tx
          .deleteFrom('dataset_rules')
          .where('dataset_id', '=', dataset_id)
          .where('id', '=', id)
          .executeTakeFirstOrThrow();
        if (numDeletedRows > 0n)
          await recordChange(tx, by, { action: 'dataset_rule.remove', subject: dataset, detail: { id } });
        return numDeletedRows > 0n;
      }),
  };
}
