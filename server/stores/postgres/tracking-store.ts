import type { TrackingStore } from '@wheelhouse/core/ports';
import {
  type Actor,
  type ProjectId,
  type TrackedExperiment,
  type TrackedTag,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type Selectable, sql } from 'kysely';
import type { Database, Db, Tx } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';
import { createTrackedArtifacts } from './tracked-artifact-store.ts';
import { createTrackedRuns } from './tracked-run-store.ts';
import { experimentFits, experimentOrder } from './tracked-search.ts';

type ExperimentRow = Selectable<Database['tracked_experiments']>;

const toExperiment = (row: ExperimentRow, tags: TrackedTag[]): TrackedExperiment => ({
  id: String(row.number),
  name: row.name,
  artifactLocation: row.artifact_location,
  stage: row.stage,
  createdAtMs: Number(row.created_ms),
  changedAtMs: Number(row.changed_ms),
  tags,
});

/** -1 for what is no id, and so nowhere. */
export const numberOf = (id: string): number => (/^\d{1,9}$/.test(id) ? Number(id) : -1);

/** As long as other transactions, and a millisecond a run. */
const stagingMs = 2_000;

const missing = (id: string) => new WheelhouseError('not_found', `No Experiment with id=${id} exists`);

async function withTags(db: Db | Tx, project: ProjectId, rows: ExperimentRow[]): Promise<TrackedExperiment[]> {
  if (rows.length === 0) return [];
  const tags = await db
    .selectFrom('tracked_experiment_tags')
    .selectAll()
    .where('project_id', '=', project)
    .where(sql<boolean>`number = any(${rows.map(({ number }) => number)}::integer[])`)
    .orderBy('key')
    .execute();
  return rows.map((row) =>
    toExperiment(
      row,
      tags.filter(({ number }) => number === row.number).map(({ key, value }) => ({ key, value })),
    ),
  );
}

/** Every project has one experiment to begin with. */
async function makeDefault(db: Db, project: ProjectId): Promise<void> {
  await sql`insert into wheelhouse.tracked_experiments
    (project_id, number, name, artifact_location, created_ms, changed_ms)
    select id, 0, 'Default', 'mlflow-artifacts:/0', t.ms, t.ms
    from wheelhouse.projects, (select (extract(epoch from now()) * 1000)::bigint as ms) t
    where id = ${project} on conflict do nothing`.execute(db);
}

const find = (db: Db | Tx, project: ProjectId) =>
  db.selectFrom('tracked_experiments').selectAll().where('project_id', '=', project);

async function lockExperiment(tx: Tx, by: Actor, id: string): Promise<ExperimentRow> {
  const row = await find(tx, by.project).where('number', '=', numberOf(id)).forUpdate().executeTakeFirst();
  if (!row) throw missing(id);
  return row;
}

async function needActive(tx: Tx, by: Actor, id: string): Promise<void> {
  const { stage } = await lockExperiment(tx, by, id);
  if (stage !== 'active')
    throw new WheelhouseError(
      'invalid_request',
      `The experiment ${id} must be in the 'active' state. Current state is ${stage}.`,
    );
}

type Created = Pick<TrackingStore, 'createExperiment' | 'renameExperiment' | 'stageExperiment'>;

function createChanges(db: Db): Created {
  return {
    async createExperiment(by, { name, tags, artifactLocation }, nowMs) {
      await makeDefault(db, by.project);
      return inTransaction(db, async (tx) => {
        // Whoever makes another one waits, so that no number is given twice.
        await tx.selectFrom('projects').select('id').where('id', '=', by.project).forUpdate().execute();
        const { last } = await tx
          .selectFrom('tracked_experiments')
          .select(sql<number>`max(number)`.as('last'))
          .where('project_id', '=', by.project)
          .executeTakeFirstOrThrow();
        const number = last + 1;
        const row = await tx
          .insertInto('tracked_experiments')
          .values({
            ...{ project_id: by.project, number, name, created_ms: nowMs, changed_ms: nowMs },
            artifact_location: artifactLocation ?? `mlflow-artifacts:/${number}`,
          })
          .onConflict((conflict) => conflict.columns(['project_id', 'name']).doNothing())
          .returningAll()
          .executeTakeFirst();
        if (!row) throw new WheelhouseError('conflict', `Experiment(name=${name}) already exists.`);
        const own = [...new Map(tags.map((tag) => [tag.key, tag])).values()];
        if (own.length > 0)
          await tx
            .insertInto('tracked_experiment_tags')
            .values(own.map((tag) => ({ ...tag, project_id: by.project, number })))
            .execute();
        await recordChange(tx, by, { action: 'tracking.create', subject: name, detail: { id: String(number) } });
        return toExperiment(row, own);
      });
    },

    renameExperiment: (by, id, name, nowMs) =>
      inTransaction(db, async (tx) => {
        const { stage, name: before, number } = await lockExperiment(tx, by, id);
        if (stage !== 'active') throw new WheelhouseError('invalid_request', 'Cannot rename a non-active experiment.');
        const taken = await find(tx, by.project).where('name', '=', name).executeTakeFirst();
        if (taken && taken.number !== number)
          throw new WheelhouseError('conflict', `Experiment(name=${name}) already exists.`);
        await tx
          .updateTable('tracked_experiments')
          .set({ name, changed_ms: nowMs })
          .where('project_id', '=', by.project)
          .where('number', '=', number)
          .execute();
        await recordChange(tx, by, { action: 'tracking.rename', subject: name, detail: { id, before } });
      }),

    async stageExperiment(by, id, stage, nowMs) {
      const { runs } = await db
        .selectFrom('tracked_runs')
        .select(sql<number>`count(*)::integer`.as('runs'))
        .where('project_id', '=', by.project)
        .where('experiment', '=', numberOf(id))
        .executeTakeFirstOrThrow();
      const work = async (tx: Tx) => {
        const { stage: now, name, number } = await lockExperiment(tx, by, id);
        if (now === stage) throw missing(id);
        await tx
          .updateTable('tracked_experiments')
          .set({ stage, changed_ms: nowMs })
          .where('project_id', '=', by.project)
          .where('number', '=', number)
          .execute();
        await tx
          .updateTable('tracked_runs')
          .set({ stage })
          .where('project_id', '=', by.project)
          .where('experiment', '=', number)
          .execute();
        const action = stage === 'active' ? 'tracking.restore' : 'tracking.delete';
        await recordChange(tx, by, { action, subject: name, detail: { id } });
      };
      return inTransaction(db, work, stagingMs + runs);
    },
  };
}

type Read = Pick<TrackingStore, 'experiment' | 'experimentNamed' | 'experiments' | 'tagExperiment' | 'untagExperiment'>;

function createReading(db: Db): Read {
  const one = async (project: ProjectId, row: ExperimentRow | undefined) =>
    row ? ((await withTags(db, project, [row]))[0] ?? null) : null;
  return {
    async experiment(project, id) {
      const look = () => find(db, project).where('number', '=', numberOf(id)).executeTakeFirst();
      const row = await look();
      if (row || id !== '0') return one(project, row);
      await makeDefault(db, project);
      return one(project, await look());
    },
    async experimentNamed(project, name) {
      await makeDefault(db, project);
      return one(project, await find(db, project).where('name', '=', name).executeTakeFirst());
    },
    async experiments(project, { stage, conditions, order, limit, offset }) {
      await makeDefault(db, project);
      const fits = [
        sql`e.project_id = ${project}`,
        ...(stage === null ? [] : [sql`e.stage = ${stage}`]),
        ...conditions.map(experimentFits),
      ];
      const { rows } = await sql<ExperimentRow>`select e.* from wheelhouse.tracked_experiments e
        where ${sql.join(fits, sql` and `)}
        order by ${experimentOrder(order)} limit ${limit} offset ${offset}`.execute(db);
      return withTags(db, project, rows);
    },
    tagExperiment: (by, id, { key, value }) =>
      inTransaction(db, async (tx) => {
        await needActive(tx, by, id);
        await tx
          .insertInto('tracked_experiment_tags')
          .values({ project_id: by.project, number: numberOf(id), key, value })
          .onConflict((conflict) => conflict.columns(['project_id', 'number', 'key']).doUpdateSet({ value }))
          .execute();
      }),
    untagExperiment: (by, id, key) =>
      inTransaction(db, async (tx) => {
        await needActive(tx, by, id);
        const { numDeletedRows } = await tx
          .deleteFrom('tracked_experiment_tags')
          .where('project_id', '=', by.project)
          .where('number', '=', numberOf(id))
          .where('key', '=', key)
          .executeTakeFirst();
        return numDeletedRows > 0n;
      }),
  };
}

/** Experiments, runs and files of tracking. */
export const createTrackingStore = (db: Db): TrackingStore => ({
  ...createChanges(db),
  ...createReading(db),
  ...createTrackedRuns(db),
  ...createTrackedArtifacts(db),
});
