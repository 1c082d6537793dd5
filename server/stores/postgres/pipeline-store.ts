import type { ActingCaller, DueRun, KeptRun, NewPipelineRun, PipelineStore } from '@wheelhouse/core/ports';
import {
  type Actor,
  type Caller,
  canonicalJson,
  type Json,
  type Pipeline,
  type PipelineRun,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import { claimDue } from './claim-due.ts';
import type { Database, Db, Tx } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';

type PipelineRow = Selectable<Database['pipelines']>;
type RunRow = Selectable<Database['pipeline_runs']>;

const toPipeline = (row: PipelineRow): Pipeline => ({
  ...{ id: row.id, name: row.name, definition: row.definition, appliedBy: row.acting.actor, pending: row.pending },
  ...{ changedAt: row.changed_at.toISOString(), createdAt: row.created_at.toISOString() },
});
const toDue = (row: RunRow): DueRun => ({
  ...{ project: row.project_id as ProjectId, run: row.run, acting: row.acting, revision: row.revision },
  heldUntilMs: Number(row.held_until_ms),
});
const actingOf = ({ actor, role, key, person, team }: Caller): ActingCaller => ({ actor, role, key, person, team });
const textOf = (value: unknown): string => canonicalJson(value as Json);

const noPipeline = (name: string) =>
  new WheelhouseError('not_found', `There is no pipeline \`${name.slice(0, 80)}\`.`, {
    hint: 'GET /api/v1/pipelines lists them.',
  });
const underWay = (name: string) =>
  new WheelhouseError('conflict', `A run of \`${name}\` is under way.`, {
    hint: 'Let it end, or stop it: POST /api/v1/pipeline-runs/{runId}/stop.',
  });

/** Held until the transaction ends, so that the runs of a pipeline begin one after the other. */
const lock = (tx: Tx, project: ProjectId, name: string) =>
  tx
    .selectFrom('pipelines')
    .selectAll()
    .where('project_id', '=', project)
    .where('name', '=', name)
    .forUpdate()
    .executeTakeFirst();

async function isUnderWay(tx: Tx, pipeline: string): Promise<boolean> {
  const row = await tx
    .selectFrom('pipeline_runs')
    .select('id')
    .where('pipeline_id', '=', pipeline)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}

/** Of a pipeline that is locked, and of which none is under way. */
async function insertRun(
  tx: Tx,
  { id: pipelineId, project_id, name, runs }: PipelineRow,
  { acting, nowMs, ...given }: NewPipelineRun & { nowMs: number },
): Promise<PipelineRun> {
  const run: PipelineRun = {
    ...{ ...given, pipeline: name, number: runs + 1, state: 'running', actsAs: acting.actor, baseline: null },
    ...{ candidate: null, stopping: null, startedAt: new Date(nowMs).toISOString(), endedAt: null },
  };
  await tx
    .insertInto('pipeline_runs')
    .values({
      ...{ id: run.id, project_id, pipeline_id: pipelineId, state: run.state, due_ms: nowMs },
      ...{ run: JSON.stringify(run), acting: JSON.stringify(acting) },
    })
    .execute();
  await tx.updateTable('pipelines').set({ runs: run.number, pending: null }).where('id', '=', pipelineId).execute();
  const by = { project: project_id as ProjectId, actor: acting.actor };
  const detail = { run: run.id, number: run.number, cause: run.cause.kind };
  await recordChange(tx, by, { action: 'pipeline.run', subject: name, detail });
  return run;
}

const changedMeanwhile = (name: string, was: PipelineRow | undefined) =>
  new WheelhouseError(
    'conflict',
    was === undefined
      ? `\`${name}\` was removed meanwhile.`
      : `Somebody set \`${name}\` meanwhile: ${was.acting.actor}.`,
    { hint: 'Read it again, and make your change in what it is now.' },
  );

async function setIn(
  tx: Tx,
  by: Caller,
  { id, name, definition, seen, known, nowMs }: Parameters<PipelineStore['set']>[1],
): Promise<Pipeline> {
  const was = await lock(tx, by.project, name);
  if (known !== undefined && known !== (was?.changed_at.toISOString() ?? null)) throw changedMeanwhile(name, was);
  const acting = actingOf(by);
  const isSame =
    was !== undefined && textOf(was.definition) === textOf(definition) && textOf(was.acting) === textOf(acting);
  if (isSame) return toPipeline(was);
  const dueMs = definition.triggers.length === 0 ? null : nowMs;
  const now = { definition: JSON.stringify(definition), acting: JSON.stringify(acting), due_ms: dueMs };
  const sees = JSON.stringify({ ...seen, ...was?.seen });
  const row = await tx
    .insertInto('pipelines')
    .values({ id, project_id: by.project, name, ...now, seen: sees })
    .onConflict((conflict) =>
      conflict.columns(['project_id', 'name']).doUpdateSet({
        ...now,
        seen: sees,
        held_until_ms: 0,
        changed_at: new Date(nowMs),
        ...(dueMs === null ? { pending: null } : {}),
      }),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
  const detail = { before: (was?.definition ?? null) as Json, after: definition as unknown as Json };
  await recordChange(tx, by, { action: 'pipeline.set', subject: name, detail });
  return toPipeline(row);
}

async function changeIn(
  tx: Tx,
  by: Actor,
  { run, revision, acting, action, detail, nowMs }: Parameters<PipelineStore['change']>[1],
): Promise<boolean> {
  const pipeline = await lock(tx, by.project, run.pipeline);
  if (!pipeline) return false;
  if (action === 'pipeline.retry' && (await isUnderWay(tx, pipeline.id))) throw underWay(run.pipeline);
  const row = await tx
    .updateTable('pipeline_runs')
    .set({
      ...{ state: run.state, run: JSON.stringify(run), acting: JSON.stringify(acting), revision: revision + 1 },
      ...{ due_ms: nowMs, held_until_ms: 0, ended_at: run.endedAt },
    })
    .where('id', '=', run.id)
    .where('revision', '=', revision)
    .returning('id')
    .executeTakeFirst();
  if (!row) return false;
  await recordChange(tx, by, { action, subject: run.pipeline, detail: { run: run.id, number: run.number, ...detail } });
  return true;
}

type Runs = Pick<PipelineStore, 'run' | 'runs' | 'change' | 'claimRuns' | 'record'>;

function createRunStore(db: Db): Runs {
  return {
    async run(project, id): Promise<KeptRun | null> {
      const row = await db
        .selectFrom('pipeline_runs')
        .selectAll()
        .where('project_id', '=', project)
        .where('id', '=', id)
        .executeTakeFirst();
      return row ? toDue(row) : null;
    },

    async runs(project, { limit, before, pipeline, state }) {
      const rows = await db
        .selectFrom('pipeline_runs as r')
        .innerJoin('pipelines as p', 'p.id', 'r.pipeline_id')
        .select('r.run')
        .where('r.project_id', '=', project)
        .$if(before !== undefined, (query) => query.where('r.id', '<', before ?? ''))
        .$if(pipeline !== undefined, (query) => query.where('p.name', '=', pipeline ?? ''))
        .$if(state !== undefined, (query) => query.where('r.state', '=', state ?? 'running'))
        .orderBy('r.id', 'desc')
        .limit(limit)
        .execute();
      return rows.map(({ run }) => run);
    },

    change: (by, change) => inTransaction(db, (tx) => changeIn(tx, by, change)),

    async claimRuns(nowMs, { holdMs, limit }) {
      const rows = await claimDue(db, 'pipeline_runs', { nowMs, holdMs, limit });
      return rows.map(toDue);
    },

    async record({ run: { id }, revision, heldUntilMs }, { run, acting, dueMs, heldUntilMs: next }) {
      const row = await db
        .updateTable('pipeline_runs')
        .set({
          ...{ state: run.state, run: JSON.stringify(run), acting: JSON.stringify(acting), revision: revision + 1 },
          ...{ due_ms: dueMs, held_until_ms: next, ended_at: run.endedAt },
        })
        .where('id', '=', id)
        .where('revision', '=', revision)
        .where('held_until_ms', '=', String(heldUntilMs))
        .returningAll()
        .executeTakeFirst();
      return row ? toDue(row) : null;
    },
  };
}

type Looks = Pick<PipelineStore, 'claimPipelines' | 'recordLook'>;

function createLookStore(db: Db): Looks {
  return {
    async claimPipelines(nowMs, { holdMs, limit }) {
      const rows = await claimDue(db, 'pipelines', { nowMs, holdMs, limit });
      if (rows.length === 0) return [];
      const newest = await db
        .selectFrom('pipeline_runs')
        .select(['pipeline_id', sql<number>`count(*) filter (where ended_at is null)`.as('running')])
        .select(sql<Date | null>`max(ended_at)`.as('ended'))
        .where(
          'pipeline_id',
          'in',
          rows.map(({ id }) => id),
        )
        .groupBy('pipeline_id')
        .execute();
      const runsOf = new Map(newest.map((one) => [one.pipeline_id, one]));
      return rows.map((row) => {
        const isRunning = Number(runsOf.get(row.id)?.running ?? 0) > 0;
        const restedSince = isRunning ? null : (runsOf.get(row.id)?.ended?.toISOString() ?? null);
        const project = row.project_id as ProjectId;
        return {
          project,
          pipeline: toPipeline(row),
          acting: row.acting,
          seen: row.seen,
          restedSince,
          isRunning,
          heldUntilMs: Number(row.held_until_ms),
        };
      });
    },

    recordLook: ({ pipeline, heldUntilMs }, { seen, pending, dueMs, run, nowMs }) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .updateTable('pipelines')
          .set({
            ...{ seen: JSON.stringify(seen), due_ms: dueMs, held_until_ms: 0 },
            pending: pending === null ? null : JSON.stringify(pending),
          })
          .where('id', '=', pipeline.id)
          .where('held_until_ms', '=', String(heldUntilMs))
          .returningAll()
          .executeTakeFirst();
        if (!row || run === null || (await isUnderWay(tx, row.id))) return null;
        return insertRun(tx, row, { ...run, nowMs });
      }),
  };
}

export function createPipelineStore(db: Db): PipelineStore {
  return {
    set: (by, pipeline) => inTransaction(db, (tx) => setIn(tx, by, pipeline)),

    async get(project, name) {
      const row = await db
        .selectFrom('pipelines')
        .selectAll()
        .where('project_id', '=', project)
        .where('name', '=', name)
        .executeTakeFirst();
      return row ? toPipeline(row) : null;
    },

    async list(project, { limit, after }) {
      const rows = await db
        .selectFrom('pipelines')
        .selectAll()
        .where('project_id', '=', project)
        .$if(after !== undefined, (query) => query.where('name', '>', after ?? ''))
        .orderBy('name')
        .limit(limit)
        .execute();
      return rows.map(toPipeline);
    },

    remove: (by, name) =>
      inTransaction(db, async (tx) => {
        const was = await lock(tx, by.project, name);
        if (!was) return false;
        if (await isUnderWay(tx, was.id)) throw underWay(name);
        await tx.deleteFrom('pipeline_runs').where('pipeline_id', '=', was.id).execute();
        await tx.deleteFrom('pipelines').where('id', '=', was.id).execute();
        const detail = { before: was.definition as unknown as Json, after: null };
        await recordChange(tx, by, { action: 'pipeline.remove', subject: name, detail });
        return true;
      }),

    start: (by, name, run) =>
      inTransaction(db, async (tx) => {
        const row = await lock(tx, by.project, name);
        if (!row) throw noPipeline(name);
        if (await isUnderWay(tx, row.id)) throw underWay(name);
        return insertRun(tx, row, run);
      }),

    ...createRunStore(db),
    ...createLookStore(db),
  };
}
