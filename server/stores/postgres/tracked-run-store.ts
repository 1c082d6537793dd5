import type { TrackedBatch, TrackingStore } from '@wheelhouse/core/ports';
import {
  type Actor,
  datasetContextTag,
  type ProjectId,
  runNameTag,
  type TrackedInput,
  type TrackedPoint,
  type TrackedRun,
  type TrackedRunInfo,
  type TrackedTag,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type Selectable, sql } from 'kysely';
import type { Database, Db, Tx } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';
import { runFits, runOrder } from './tracked-search.ts';

type RunRow = Selectable<Database['tracked_runs']>;

const orNumber = (text: string | null): number | null => (text === null ? null : Number(text));

const toInfo = (row: RunRow): TrackedRunInfo => ({
  id: row.run_id,
  experimentId: String(row.experiment),
  name: row.name,
  userId: row.user_id,
  status: row.status,
  startMs: orNumber(row.start_ms),
  endMs: orNumber(row.end_ms),
  artifactUri: row.artifact_uri,
  stage: row.stage,
});

const missing = (id: string) => new WheelhouseError('not_found', `Run with id=${id} not found`);

async function lockRun(tx: Tx, by: Actor, id: string): Promise<RunRow> {
  const row = await tx
    .selectFrom('tracked_runs')
    .selectAll()
    .where('project_id', '=', by.project)
    .where('run_id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw missing(id);
  return row;
}

async function lockActive(tx: Tx, by: Actor, id: string): Promise<RunRow> {
  const row = await lockRun(tx, by, id);
  if (row.stage !== 'active')
    throw new WheelhouseError(
      'invalid_request',
      `The run ${id} must be in the 'active' state. Current state is ${row.stage}.`,
    );
  return row;
}

/** What hangs on runs, each by its run. */
async function readParts(db: Db | Tx, seqs: string[]) {
  const of = sql<boolean>`run = any(${seqs}::bigint[])`;
  function grouped<Row extends { run: string }>(rows: Row[]): Map<string, Row[]> {
    const found = new Map<string, Row[]>(seqs.map((seq) => [seq, []]));
    for (const row of rows) found.get(row.run)?.push(row);
    return found;
  }
  const params = grouped(await db.selectFrom('tracked_params').selectAll().where(of).orderBy('key').execute());
  const tags = grouped(await db.selectFrom('tracked_tags').selectAll().where(of).orderBy('key').execute());
  const metrics = grouped(await db.selectFrom('tracked_metrics').selectAll().where(of).orderBy('key').execute());
  const inputs = grouped(await db.selectFrom('tracked_inputs').selectAll().where(of).orderBy('seq').execute());
  const pair = ({ key, value }: TrackedTag): TrackedTag => ({ key, value });
  return (seq: string): Pick<TrackedRun, 'params' | 'tags' | 'metrics' | 'inputs'> => ({
    params: (params.get(seq) ?? []).map(pair),
    tags: (tags.get(seq) ?? []).map(pair),
    metrics: (metrics.get(seq) ?? []).map(({ key, value, is_nan, timestamp_ms, step }) => ({
      ...{ key, value: is_nan ? Number.NaN : value, timestampMs: Number(timestamp_ms), step: Number(step) },
    })),
    inputs: (inputs.get(seq) ?? []).map(
      ({ name, digest, source_type: sourceType, source, schema, profile, tags: own }): TrackedInput => ({
        ...{ name, digest, sourceType, source, schema, profile, tags: own },
      }),
    ),
  });
}

async function whole(db: Db | Tx, rows: RunRow[]): Promise<TrackedRun[]> {
  if (rows.length === 0) return [];
  const partsOf = await readParts(
    db,
    rows.map(({ seq }) => seq),
  );
  return rows.map((row) => ({ ...toInfo(row), ...partsOf(row.seq) }));
}

/** The last of a key counts. */
const byKey = <Item extends { key: string }>(items: readonly Item[]): Item[] => [
  ...new Map(items.map((item) => [item.key, item])).values(),
];

async function setTags(tx: Tx, seq: string, tags: readonly TrackedTag[]): Promise<void> {
  const rows = byKey(tags).map(({ key, value }) => ({ run: seq, key, value }));
  if (rows.length === 0) return;
  await tx
    .insertInto('tracked_tags')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['run', 'key']).doUpdateSet(({ ref }) => ({ value: ref('excluded.value') })),
    )
    .execute();
  const name = rows.find(({ key }) => key === runNameTag)?.value;
  if (name !== undefined) await tx.updateTable('tracked_runs').set({ name }).where('seq', '=', seq).execute();
}

/** As `isNewerPoint` says; NaN ranks as 0. */
async function setLatest(tx: Tx, seq: string, points: readonly TrackedPoint[]): Promise<void> {
  if (points.length === 0) return;
  const rows = byKey(points).map(({ key, value, timestampMs, step }) => ({
    ...{ run: seq, key, value: Number.isNaN(value) ? 0 : value, is_nan: Number.isNaN(value) },
    ...{ timestamp_ms: timestampMs, step },
  }));
  await tx
    .insertInto('tracked_metrics')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['run', 'key'])
        .doUpdateSet(({ ref }) => ({
          value: ref('excluded.value'),
          is_nan: ref('excluded.is_nan'),
          timestamp_ms: ref('excluded.timestamp_ms'),
          step: ref('excluded.step'),
        }))
        .where(
          sql<boolean>`(excluded.step, excluded.timestamp_ms, excluded.value)
            > (tracked_metrics.step, tracked_metrics.timestamp_ms, tracked_metrics.value)`,
        ),
    )
    .execute();
}

/** Gives those that are there with another value; then nothing was written. */
async function setParams(tx: Tx, seq: string, params: TrackedBatch['params']) {
  if (params.length === 0) return [];
  const there = await tx
    .selectFrom('tracked_params')
    .select(['key', 'value'])
    .where('run', '=', seq)
    .where(sql<boolean>`key = any(${params.map(({ key }) => key)}::text[])`)
    .execute();
  const known = new Map(there.map(({ key, value }) => [key, value]));
  const changed = params.flatMap(({ key, value: now }) => {
    const was = known.get(key);
    return was === undefined || was === now ? [] : [{ key, was, now }];
  });
  const fresh = params.filter(({ key }) => !known.has(key));
  if (changed.length === 0 && fresh.length > 0)
    await tx
      .insertInto('tracked_params')
      .values(fresh.map(({ key, value }) => ({ run: seq, key, value })))
      .execute();
  return changed;
}

type Read = Pick<TrackingStore, 'run' | 'runs'>;

function createReading(db: Db): Read {
  const find = (project: ProjectId) => db.selectFrom('tracked_runs').selectAll().where('project_id', '=', project);
  return {
    async run(project, id) {
      const row = await find(project).where('run_id', '=', id).executeTakeFirst();
      return row ? ((await whole(db, [row]))[0] ?? null) : null;
    },
    async runs(project, { experiments, stage, conditions, order, limit, offset }) {
      const numbers = experiments.filter((id) => /^\d{1,9}$/.test(id)).map(Number);
      const fits = [
        sql`r.project_id = ${project}`,
        sql`r.experiment = any(${numbers}::integer[])`,
        ...(stage === null ? [] : [sql`r.stage = ${stage}`]),
        ...conditions.map(runFits),
      ];
      const { rows } = await sql<RunRow>`select r.* from wheelhouse.tracked_runs r
        where ${sql.join(fits, sql` and `)}
        order by ${runOrder(order)} limit ${limit} offset ${offset}`.execute(db);
      return whole(db, rows);
    },
  };
}

type Written = Pick<TrackingStore, 'createRun' | 'updateRun' | 'stageRun' | 'record' | 'untagRun' | 'addInputs'>;

const contextOf = ({ tags }: TrackedInput) => tags.find(({ key }) => key === datasetContextTag)?.value ?? null;

function createWriting(db: Db): Written {
  return {
    createRun: (by, { id, experimentId, name, userId, startMs, tags }) =>
      inTransaction(db, async (tx) => {
        const experiment = await tx
          .selectFrom('tracked_experiments')
          .selectAll()
          .where('project_id', '=', by.project)
          .where(sql<boolean>`number::text = ${experimentId}`)
          .executeTakeFirst();
        if (!experiment) throw new WheelhouseError('not_found', `No Experiment with id=${experimentId} exists`);
        if (experiment.stage !== 'active')
          throw new WheelhouseError(
            'invalid_request',
            `The experiment ${experimentId} must be in the 'active' state. Current state is ${experiment.stage}.`,
          );
        const row = await tx
          .insertInto('tracked_runs')
          .values({
            ...{ project_id: by.project, run_id: id, experiment: experiment.number, name, user_id: userId },
            ...{ status: 'RUNNING', start_ms: startMs },
            artifact_uri: `${experiment.artifact_location.replace(/\/+$/, '')}/${id}/artifacts`,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        await setTags(tx, row.seq, tags);
        const [run] = await whole(tx, [row]);
        if (!run) throw missing(id);
        return run;
      }),

    updateRun: (by, id, { status, endMs, name }) =>
      inTransaction(db, async (tx) => {
        const row = await lockActive(tx, by, id);
        if (name !== undefined) await setTags(tx, row.seq, [{ key: runNameTag, value: name }]);
        const set = { ...(status !== undefined && { status }), ...(endMs !== undefined && { end_ms: endMs }) };
        if (Object.keys(set).length > 0)
          await tx.updateTable('tracked_runs').set(set).where('seq', '=', row.seq).execute();
        return toInfo(await lockRun(tx, by, id));
      }),

    stageRun: (by, id, stage) =>
      inTransaction(db, async (tx) => {
        const row = await lockRun(tx, by, id);
        if (row.stage === stage) return;
        await tx.updateTable('tracked_runs').set({ stage }).where('seq', '=', row.seq).execute();
        const action = stage === 'active' ? 'tracking.restore_run' : 'tracking.delete_run';
        await recordChange(tx, by, { action, subject: id, detail: { name: row.name } });
      }),

    record: (by, id, { params, tags, latest }) =>
      inTransaction(db, async (tx) => {
        const { seq } = await lockActive(tx, by, id);
        const changed = await setParams(tx, seq, params);
        if (changed.length > 0) return { changed };
        await setLatest(tx, seq, latest);
        await setTags(tx, seq, tags);
        return { changed };
      }),

    untagRun: (by, id, key) =>
      inTransaction(db, async (tx) => {
        const { seq } = await lockActive(tx, by, id);
        const { numDeletedRows } = await tx
          .deleteFrom('tracked_tags')
          .where('run', '=', seq)
          .where('key', '=', key)
          .executeTakeFirst();
        return numDeletedRows > 0n;
      }),

    addInputs: (by, id, inputs) =>
      inTransaction(db, async (tx) => {
        const { seq } = await lockActive(tx, by, id);
        for (const input of inputs)
          await tx
            .insertInto('tracked_inputs')
            .values({
              ...{ run: seq, name: input.name, digest: input.digest, source_type: input.sourceType },
              ...{ source: input.source, schema: input.schema, profile: input.profile },
              ...{ tags: JSON.stringify(input.tags), context: contextOf(input) },
            })
            .onConflict((conflict) => conflict.columns(['run', 'name', 'digest']).doNothing())
            .execute();
      }),
  };
}

export const createTrackedRuns = (db: Db): Read & Written => ({ ...createReading(db), ...createWriting(db) });
