import type { EvaluationCounts, EvaluationStore, RowChunk, RowsTaken, Seat } from '@wheelhouse/core/ports';
import {
  type Actor,
  type DatasetId,
  type Evaluation,
  type EvaluationId,
  type Run,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type Selectable, sql } from 'kysely';
import type { Database, Db, Tx } from './database.ts';
import type { EvaluationDefinition } from './evaluation-tables.ts';
import { inTransaction } from './in-transaction.ts';
import { placeIn } from './place-in.ts';
import { recordChange } from './record-change.ts';

type Row = Selectable<Database['evaluations']>;
type ChunkRow = Selectable<Database['evaluation_chunks']>;
type Some = Pick<ChunkRow, 'done' | 'failed' | 'cached' | 'erased' | 'cost_nano_usd'>;

const active = ['queued', 'running'] as const;
const isActive = ({ status }: Pick<Row, 'status'>) => status === 'queued' || status === 'running';
const costOf = (text: string | null) => (text === null ? null : BigInt(text));
const nothing: EvaluationCounts = { done: 0, failed: 0, cached: 0, erased: 0, costNanoUsd: null };

function plus(a: EvaluationCounts, b: EvaluationCounts): EvaluationCounts {
  const { costNanoUsd: x } = a;
  const { costNanoUsd: y } = b;
  return {
    done: a.done + b.done,
    failed: a.failed + b.failed,
    cached: a.cached + b.cached,
    erased: a.erased + b.erased,
    costNanoUsd: x === null ? y : x + (y ?? 0n),
  };
}

const toCounts = ({ done, failed, cached, erased, cost_nano_usd }: Some): EvaluationCounts => ({
  ...{ done, failed, cached, erased, costNanoUsd: costOf(cost_nano_usd) },
});
const fromCounts = ({ done, failed, cached, erased, costNanoUsd }: EvaluationCounts) => ({
  ...{ done, failed, cached, erased, cost_nano_usd: costNanoUsd },
});

/** What is counted for the whole, and what its chunks add. */
function total(row: Row, chunks: readonly Some[]): EvaluationCounts {
  const counts = chunks.map(toCounts).reduce(plus, toCounts(row));
  return { ...counts, erased: Math.max(counts.erased, row.known_erased) };
}

function toEvaluation(row: Row, chunks: readonly Some[]): Evaluation {
  const { outcome, definition } = row;
  return {
    ...definition,
    id: row.id as EvaluationId,
    datasetId: definition.datasetId as DatasetId,
    dataset: row.dataset,
    datasetVersion: row.dataset_version,
    runs: row.runs,
    place: row.place,
    status: row.status,
    error: row.error,
    turn: row.turn,
    ...total(row, chunks),
    total: row.total,
    estimateNanoUsd: costOf(row.estimate_nano_usd),
    capNanoUsd: costOf(row.cap_nano_usd),
    summaries: outcome?.summaries ?? [],
    results: outcome?.results ?? [],
    gateResults: outcome?.gateResults ?? [],
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}

const namesOf = ({ model, version }: Run): string[] => {
  if (model === null) return [];
  return version === null ? [model] : [model, `${model}@${version}`];
};

const chunksOf = (db: Db | Tx, ids: string[]): Promise<ChunkRow[]> =>
  ids.length === 0
    ? Promise.resolve([])
    : db.selectFrom('evaluation_chunks').selectAll().where('evaluation_id', 'in', ids).execute();

async function readAll(db: Db | Tx, rows: Row[]): Promise<Evaluation[]> {
  // Only what runs, or was stopped, has chunks.
  const chunks = await chunksOf(
    db,
    rows.flatMap(({ id, status }) => (status === 'completed' ? [] : [id])),
  );
  return rows.map((row) =>
    toEvaluation(
      row,
      chunks.filter(({ evaluation_id }) => evaluation_id === row.id),
    ),
  );
}

const readOne = async (db: Db | Tx, row: Row): Promise<Evaluation> =>
  toEvaluation(row, row.status === 'completed' ? [] : await chunksOf(db, [row.id]));

const missing = (id: string) => new WheelhouseError('not_found', `There is no evaluation \`${id}\`.`);

async function lock(tx: Tx, id: EvaluationId): Promise<Row> {
  const row = await tx.selectFrom('evaluations').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  if (!row) throw missing(id);
  return row;
}

/** For somebody who changes it: of another project, there is none. */
async function lockOwn(tx: Tx, by: Actor, id: EvaluationId): Promise<Row> {
  const row = await lock(tx, id);
  if (row.project_id !== by.project) throw missing(id);
  return row;
}

/** For a worker: null when it is gone, or is not to run under this turn any more. */
async function lockFor(tx: Tx, { id, turn }: Pick<Seat, 'id' | 'turn'>): Promise<{ row: Row; runs: boolean } | null> {
  const row = await tx.selectFrom('evaluations').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  if (!row || row.turn !== turn) return null;
  return { row, runs: isActive(row) };
}

const chunkOf = ({ after_place, last_place, row_count }: ChunkRow): RowChunk => ({
  ...{ after: Number(after_place), last: Number(last_place), rows: row_count },
});
const takenOf = ({ next_place, rows_taken }: Pick<Row, 'next_place' | 'rows_taken'>): RowsTaken => ({
  next: next_place === null ? null : Number(next_place),
  taken: rows_taken,
});

const changed = (tx: Tx, by: Actor, row: Row, verb: 'stop' | 'resume' | 'remove') =>
  recordChange(tx, by, {
    action: `evaluation.${verb}`,
    subject: row.id,
    detail: { dataset: `${row.dataset}@${row.dataset_version}`, runs: row.runs.map(({ label }) => label) },
  });

function createReading(db: Db): Pick<EvaluationStore, 'get' | 'ofRun' | 'list' | 'isDone' | 'othersWait'> {
  return {
    async get(project, id) {
      const row = await db
        .selectFrom('evaluations')
        .selectAll()
        .where('project_id', '=', project)
        .where('id', '=', id)
        .executeTakeFirst();
      return row ? readOne(db, row) : null;
    },

    async ofRun(project, run) {
      const row = await db
        .selectFrom('evaluations')
        .selectAll()
        .where('project_id', '=', project)
        .where('run_ids', '@>', sql<string[]>`array[${run}]::text[]`)
        .executeTakeFirst();
      return row ? readOne(db, row) : null;
    },

    async list(project, { limit, before, dataset, model, status, replays }) {
      const place =
        before === undefined ? null : await placeIn(db, 'evaluations', { project, id: before, param: 'cursor' });
      const rows = await db
        .selectFrom('evaluations')
        .selectAll()
        .where('project_id', '=', project)
        .$if(place !== null, (query) => query.where('seq', '<', place ?? ''))
        .$if(dataset !== undefined, (query) => query.where('dataset', '=', dataset ?? ''))
        .$if(model !== undefined, (query) => query.where('models', '@>', sql<string[]>`array[${model}]::text[]`))
        .$if(status !== undefined, (query) => query.where('status', '=', status ?? 'queued'))
        .$if(replays === true, (query) => query.where('replay', '=', true))
        .orderBy('seq', 'desc')
        .limit(limit)
        .execute();
      return readAll(db, rows);
    },

    async isDone(id) {
      const row = await db.selectFrom('evaluations').selectAll().where('id', '=', id).executeTakeFirst();
      if (!row) throw missing(id);
      return row.next_place === null && (await chunksOf(db, [id])).length === 0;
    },

    async othersWait(id) {
      const other = await db
        .selectFrom('evaluations')
        .select('id')
        .where('status', 'in', active)
        .where('id', '!=', id)
        .where('place', '=', 'server')
        .limit(1)
        .executeTakeFirst();
      return other !== undefined;
    },
  };
}

/** By seat, how many cells were counted in chunks that are done. */
function seatDone({ seat_done }: Row, seat: number, more: number) {
  const all = Array.from({ length: Math.max(seat_done.length, seat + 1) }, (_, at) => seat_done[at] ?? 0);
  all[seat] = (all[seat] ?? 0) + more;
  return sql<number[]>`${all}::integer[]`;
}

function createWorking(db: Db): Pick<EvaluationStore, 'sit' | 'take' | 'report' | 'finish'> {
  const held = (tx: Tx, { id, seat }: Seat) =>
    tx
      .selectFrom('evaluation_chunks')
      .selectAll()
      .where('evaluation_id', '=', id)
      .where('seat', '=', seat)
      .orderBy('after_place')
      .execute();

  async function write(tx: Tx, { id, seat }: Seat, chunk: RowChunk & EvaluationCounts): Promise<boolean> {
    const written = await tx
      .updateTable('evaluation_chunks')
      .set(fromCounts(chunk))
      .where('evaluation_id', '=', id)
      .where('after_place', '=', String(chunk.after))
      .where('seat', '=', seat)
      .executeTakeFirst();
    return written.numUpdatedRows > 0n;
  }

  return {
    sit: (seat) =>
      inTransaction(db, async (tx) => {
        const locked = await lockFor(tx, seat);
        if (!locked?.runs) return null;
        await tx
          .updateTable('evaluations')
          .set({ status: 'running', started_at: sql`coalesce(started_at, now())` })
          .where('id', '=', seat.id)
          .execute();
        const chunks = await held(tx, seat);
        const recorded = chunks.reduce((sum, { done }) => sum + done, locked.row.seat_done[seat.seat] ?? 0);
        return { ...takenOf(locked.row), held: chunks.map(chunkOf), recorded };
      }),

    take: (seat, { after, last, rows, isEnd }) =>
      inTransaction(db, async (tx) => {
        const locked = await lockFor(tx, seat);
        if (!locked?.runs) return null;
        const { row } = locked;
        if (row.next_place !== String(after)) {
          // Taken before, without our hearing of it.
          const isMine = (await held(tx, seat)).some(({ after_place }) => after_place === String(after));
          return { ...takenOf(row), isMine };
        }
        const taken = { next_place: isEnd ? null : String(last), rows_taken: row.rows_taken + rows };
        await tx.updateTable('evaluations').set(taken).where('id', '=', seat.id).execute();
        if (rows > 0)
          await tx
            .insertInto('evaluation_chunks')
            .values({
              ...{ evaluation_id: seat.id, after_place: String(after), last_place: String(last), row_count: rows },
              ...{ seat: seat.seat, ...fromCounts(nothing) },
            })
            .execute();
        return { ...takenOf(taken), isMine: true };
      }),

    report: (seat, chunks) =>
      inTransaction(db, async (tx) => {
        const locked = await lockFor(tx, seat);
        if (!locked) return null;
        for (const chunk of chunks) await write(tx, seat, chunk);
        return locked.runs ? total(locked.row, await chunksOf(tx, [seat.id])) : null;
      }),

    finish: (seat, chunk) =>
      inTransaction(db, async (tx) => {
        const locked = await lockFor(tx, seat);
        if (!locked) return false;
        const { row } = locked;
        const gone = await tx
          .deleteFrom('evaluation_chunks')
          .where('evaluation_id', '=', seat.id)
          .where('after_place', '=', String(chunk.after))
          .where('seat', '=', seat.seat)
          .executeTakeFirst();
        if (gone.numDeletedRows > 0n)
          await tx
            .updateTable('evaluations')
            .set({ ...fromCounts(plus(toCounts(row), chunk)), seat_done: seatDone(row, seat.seat, chunk.done) })
            .where('id', '=', seat.id)
            .execute();
        return locked.runs;
      }),
  };
}

type Ending = Pick<EvaluationStore, 'stop' | 'resume' | 'remove' | 'setCounts' | 'complete' | 'end'>;

function createEnding(db: Db): Ending {
  return {
    stop: (by, id) =>
      inTransaction(db, async (tx) => {
        const row = await lockOwn(tx, by, id);
        if (!isActive(row)) throw new WheelhouseError('conflict', `The evaluation is ${row.status} already.`);
        const stopped = await tx
          .updateTable('evaluations')
          .set({ status: 'stopped', error: null, finished_at: sql`now()` })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirstOrThrow();
        await changed(tx, by, row, 'stop');
        return readOne(tx, stopped);
      }),

    resume: (by, id, change) =>
      inTransaction(db, async (tx) => {
        const row = await lockOwn(tx, by, id);
        if (row.status !== 'stopped' && row.status !== 'failed')
          throw new WheelhouseError('conflict', `The evaluation is ${row.status}: there is nothing to resume.`);
        const resumed = await tx
          .updateTable('evaluations')
          .set({
            status: row.place === 'client' ? 'running' : 'queued',
            error: null,
            finished_at: null,
            turn: row.turn + 1,
            ...(change === undefined ? {} : { cap_nano_usd: change.capNanoUsd }),
          })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirstOrThrow();
        await changed(tx, by, row, 'resume');
        return readOne(tx, resumed);
      }),

    remove: (by, id) =>
      inTransaction(db, async (tx) => {
        const row = await lockOwn(tx, by, id);
        await tx.deleteFrom('evaluations').where('id', '=', id).execute();
        await changed(tx, by, row, 'remove');
      }),

    setCounts: (id, counts) =>
      inTransaction(db, async (tx) => {
        if ((await lock(tx, id)).status === 'completed') return;
        await tx.updateTable('evaluations').set(fromCounts(counts)).where('id', '=', id).execute();
      }),

    complete: (id, outcome, counts) =>
      inTransaction(db, async (tx) => {
        if ((await lock(tx, id)).status === 'completed') return;
        await tx.deleteFrom('evaluation_chunks').where('evaluation_id', '=', id).execute();
        await tx
          .updateTable('evaluations')
          .set({
            ...{ status: 'completed', error: null, outcome: JSON.stringify(outcome), finished_at: sql`now()` },
            ...{ total: counts.done, ...fromCounts(counts) },
          })
          .where('id', '=', id)
          .execute();
      }),

    end: (id, turn, { status, reason }) =>
      inTransaction(db, async (tx) => {
        const locked = await lockFor(tx, { id, turn });
        if (!locked?.runs) return;
        await tx
          .updateTable('evaluations')
          .set({ status, error: reason, finished_at: sql`now()` })
          .where('id', '=', id)
          .execute();
      }),
  };
}

export function createEvaluationStore(db: Db): EvaluationStore {
  return {
    create: (by, evaluation) =>
      inTransaction(db, async (tx) => {
        const { id, runs, dataset, datasetVersion, total, erased, estimateNanoUsd, capNanoUsd, place, ...rest } =
          evaluation;
        const definition: EvaluationDefinition = rest;
        const row = await tx
          .insertInto('evaluations')
          .values({
            ...{ id, project_id: by.project, dataset, dataset_version: datasetVersion, total, known_erased: erased },
            ...{ estimate_nano_usd: estimateNanoUsd, cap_nano_usd: capNanoUsd },
            runs: JSON.stringify(runs),
            run_ids: runs.map((run) => run.id),
            models: [...new Set(runs.flatMap(namesOf))],
            definition: JSON.stringify(definition),
            place,
            replay: evaluation.metadata.replay !== undefined,
            status: place === 'client' ? 'running' : 'queued',
            started_at: place === 'client' ? sql`now()` : null,
          })
          .onConflict((conflict) => conflict.doNothing())
          .returningAll()
          .executeTakeFirst();
        if (!row) throw new WheelhouseError('conflict', `There is already an evaluation \`${id}\`.`);
        await recordChange(tx, by, {
          action: 'evaluation.create',
          subject: id,
          detail: { dataset: `${dataset}@${datasetVersion}`, runs: runs.map(({ label }) => label) },
        });
        return toEvaluation(row, []);
      }),
    ...createReading(db),
    ...createWorking(db),
    ...createEnding(db),
  };
}
