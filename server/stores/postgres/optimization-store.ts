import type { OptimizationStore, OptimizationTurn } from '@wheelhouse/core/ports';
import {
  type Actor,
  noOptimizationProgress,
  type Optimization,
  type OptimizationProgress,
  type OptimizationReport,
  type OptimizationSummary,
  optimizationScore,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type Selectable, sql } from 'kysely';
import type { Database, Db, Tx } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { placeIn } from './place-in.ts';
import { recordChange } from './record-change.ts';

type Row = Selectable<Database['optimizations']>;
/** What of a row a line of a list needs: of a long search, progress and report are long. */
type Line = Omit<Row, 'progress' | 'report' | 'definition' | 'made_from'>;

const isActive = ({ state }: Pick<Row, 'state'>) => state === 'queued' || state === 'running';
const missing = (id: string) =>
  new WheelhouseError('not_found', `There is no optimization \`${id.slice(0, 80)}\`.`, {
    hint: 'GET /api/v1/optimizations lists them.',
  });

const toSummary = (row: Line): OptimizationSummary => ({
  ...row.setup,
  ...{ id: row.id, budget: row.budget, state: row.state, error: row.error, turn: row.turn },
  ...{ score: row.score, spend: row.spend, verdict: row.verdict, published: row.published, author: row.author },
  createdAt: row.created_at.toISOString(),
  startedAt: row.started_at?.toISOString() ?? null,
  finishedAt: row.finished_at?.toISOString() ?? null,
  heardAt: row.heard_at?.toISOString() ?? null,
});

const toOptimization = (row: Row): Optimization => ({
  ...toSummary(row),
  ...{ progress: row.progress, spend: row.progress.spend, report: row.report },
  ...{ definition: row.definition, madeFrom: row.made_from },
});

const toldOf = (progress: OptimizationProgress, report: OptimizationReport | null) => ({
  score: JSON.stringify(optimizationScore(progress, report)),
  spend: JSON.stringify({ calls: progress.spend.calls, costNanoUsd: progress.spend.costNanoUsd }),
});

/** For somebody who changes it: of another project, there is none. */
async function lockOwn(tx: Tx, by: Actor, id: string): Promise<Row> {
  const row = await tx
    .selectFrom('optimizations')
    .selectAll()
    .where('id', '=', id)
    .where('project_id', '=', by.project)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw missing(id);
  return row;
}

/** For whoever works on it: null where it is gone, or another's turn. */
async function lockFor(tx: Tx, { id, turn }: OptimizationTurn): Promise<Row | null> {
  const row = await tx.selectFrom('optimizations').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  return row?.turn === turn ? row : null;
}

const changed = (tx: Tx, by: Actor, { id, setup }: Pick<Row, 'id' | 'setup'>, verb: string, more: object = {}) =>
  recordChange(tx, by, {
    action: `optimization.${verb}`,
    subject: id,
    detail: { program: setup.program, optimizer: setup.optimizer.name, ...more },
  });

type Reading = Pick<OptimizationStore, 'get' | 'list' | 'candidates' | 'candidate' | 'answers' | 'countAnswers'>;

function createReading(db: Db): Reading {
  return {
    async get(project, id) {
      const row = await db
        .selectFrom('optimizations')
        .selectAll()
        .where('project_id', '=', project)
        .where('id', '=', id)
        .executeTakeFirst();
      return row ? toOptimization(row) : null;
    },

    async list(project, { limit, before, state, program, dataset }) {
      const place =
        before === undefined ? null : await placeIn(db, 'optimizations', { project, id: before, param: 'cursor' });
      const rows = await db
        .selectFrom('optimizations')
        .select(['seq', 'id', 'project_id', 'setup', 'program', 'place', 'budget', 'state', 'error', 'turn'])
        .select([
          'score',
          'spend',
          'verdict',
          'published',
          'author',
          'created_at',
          'started_at',
          'finished_at',
          'heard_at',
        ])
        .where('project_id', '=', project)
        .$if(place !== null, (query) => query.where('seq', '<', place ?? ''))
        .$if(state !== undefined, (query) => query.where('state', '=', state ?? 'queued'))
        .$if(program !== undefined, (query) => query.where('program', '=', program ?? ''))
        .$if(dataset !== undefined, (query) => query.where(sql`setup ->> 'dataset'`, '=', dataset ?? ''))
        .orderBy('seq', 'desc')
        .limit(limit)
        .execute();
      return rows.map(toSummary);
    },

    async candidates(id) {
      const rows = await db
        .selectFrom('optimization_candidates')
        .select(['id', 'made_by as by', 'parents', 'changed'])
        .where('optimization_id', '=', id)
        .orderBy('n')
        .execute();
      return rows;
    },

    async candidate(id, candidateId) {
      const row = await db
        .selectFrom('optimization_candidates')
        .select(['id', 'made_by as by', 'parents', 'changed', 'instances'])
        .where('optimization_id', '=', id)
        .where('id', '=', candidateId)
        .executeTakeFirst();
      return row ?? null;
    },

    answers: (id, { after, limit }) =>
      db
        .selectFrom('optimization_answers')
        .select(['n', 'entry'])
        .where('optimization_id', '=', id)
        .where('n', '>', after)
        .orderBy('n')
        .limit(limit)
        .execute(),

    async countAnswers(id) {
      const { count } = await db
        .selectFrom('optimization_answers')
        .select(({ fn }) => fn.countAll<string>().as('count'))
        .where('optimization_id', '=', id)
        .executeTakeFirstOrThrow();
      return Number(count);
    },
  };
}

function createWorking(db: Db): Pick<OptimizationStore, 'begin' | 'keep' | 'report' | 'end'> {
  return {
    begin: (turn) =>
      inTransaction(db, async (tx) => {
        const row = await lockFor(tx, turn);
        if (!row || !isActive(row)) return false;
        await tx
          .updateTable('optimizations')
          .set({ state: 'running', started_at: row.started_at ?? sql<Date>`now()` })
          .where('id', '=', turn.id)
          .execute();
        return true;
      }),

    keep: (id, answers) =>
      inTransaction(db, async (tx) => {
        const there = await tx
          .selectFrom('optimizations')
          .select('id')
          .where('id', '=', id)
          .forShare()
          .executeTakeFirst();
        if (!there || answers.length === 0) return;
        await tx
          .insertInto('optimization_answers')
          .values(answers.map(({ key, entry }) => ({ optimization_id: id, key, entry: JSON.stringify(entry) })))
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }),

    report: (turn, { progress, candidates }) =>
      inTransaction(db, async (tx) => {
        const row = await lockFor(tx, turn);
        if (!row) return false;
        await tx
          .updateTable('optimizations')
          .set({
            ...{ progress: JSON.stringify(progress), ...toldOf(progress, row.report) },
            ...(row.place === 'client' ? { heard_at: sql<Date>`now()` } : {}),
          })
          .where('id', '=', turn.id)
          .execute();
        if (candidates.length > 0)
          await tx
            .insertInto('optimization_candidates')
            .values(
              candidates.map(({ id, by, parents, changed: parts, instances }) => ({
                ...{ optimization_id: turn.id, id, made_by: by, parents, changed: parts },
                instances: JSON.stringify(instances),
              })),
            )
            .onConflict((conflict) => conflict.doNothing())
            .execute();
        return isActive(row);
      }),

    end: (turn, { state, error, report, definition, madeFrom }) =>
      inTransaction(db, async (tx) => {
        const row = await lockFor(tx, turn);
        if (!row) return null;
        if (!isActive(row)) return toOptimization(row);
        const ended = await tx
          .updateTable('optimizations')
          .set({
            ...{ state, error, report: report && JSON.stringify(report), verdict: report?.verdict ?? null },
            ...toldOf(row.progress, report),
            ...{ definition: definition && JSON.stringify(definition), made_from: madeFrom },
            finished_at: sql<Date>`now()`,
          })
          .where('id', '=', turn.id)
          .returningAll()
          .executeTakeFirstOrThrow();
        return toOptimization(ended);
      }),
  };
}

function createChanging(db: Db): Pick<OptimizationStore, 'stop' | 'resume' | 'setPublished' | 'remove'> {
  return {
    stop: (by, id) =>
      inTransaction(db, async (tx) => {
        const row = await lockOwn(tx, by, id);
        if (!isActive(row)) throw new WheelhouseError('conflict', `The optimization is ${row.state} already.`);
        const stopped = await tx
          .updateTable('optimizations')
          .set({ state: 'stopped', finished_at: sql<Date>`now()` })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirstOrThrow();
        await changed(tx, by, row, 'stop');
        return toOptimization(stopped);
      }),

    resume: (by, id, { budget }) =>
      inTransaction(db, async (tx) => {
        const row = await lockOwn(tx, by, id);
        if (isActive(row))
          throw new WheelhouseError('conflict', `The optimization is ${row.state}: there is nothing to resume.`);
        const resumed = await tx
          .updateTable('optimizations')
          .set({
            ...(row.place === 'client' ? { state: 'running', heard_at: sql<Date>`now()` } : { state: 'queued' }),
            ...{ turn: row.turn + 1, finished_at: null },
            ...{ error: null, report: null, definition: null, verdict: null, ...toldOf(row.progress, null) },
            ...(budget === undefined ? {} : { budget: JSON.stringify(budget) }),
          })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirstOrThrow();
        await changed(tx, by, row, 'resume', budget === undefined ? {} : { before: row.budget, after: budget });
        return toOptimization(resumed);
      }),

    setPublished: (by, id, published) =>
      inTransaction(db, async (tx) => {
        const row = await lockOwn(tx, by, id);
        await tx
          .updateTable('optimizations')
          .set({ published: JSON.stringify(published) })
          .where('id', '=', id)
          .execute();
        await changed(tx, by, row, 'publish', published);
      }),

    remove: (by, id) =>
      inTransaction(db, async (tx) => {
        const row = await lockOwn(tx, by, id);
        await tx.deleteFrom('optimizations').where('id', '=', id).execute();
        await changed(tx, by, row, 'remove');
      }),
  };
}

export function createOptimizationStore(db: Db): OptimizationStore {
  return {
    create: (by, { id, budget, madeFrom, ...setup }) =>
      inTransaction(db, async (tx) => {
        const isHere = setup.place === 'server';
        const none = noOptimizationProgress();
        const row = await tx
          .insertInto('optimizations')
          .values({
            ...{ id, project_id: by.project, setup: JSON.stringify(setup), place: setup.place },
            ...{ program: setup.registered?.name ?? null, budget: JSON.stringify(budget), made_from: madeFrom },
            ...(isHere
              ? { state: 'queued' }
              : { state: 'running', started_at: sql<Date>`now()`, heard_at: sql<Date>`now()` }),
            ...{ progress: JSON.stringify(none), ...toldOf(none, null), author: by.actor },
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        await changed(tx, by, row, 'create', { budget });
        return toOptimization(row);
      }),
    ...createReading(db),
    ...createWorking(db),
    ...createChanging(db),
  };
}
