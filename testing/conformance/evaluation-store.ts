import type { AuditStore, EvaluationCounts, EvaluationOutcome, EvaluationStore, Seat } from '@wheelhouse/core/ports';
import {
  defaultProjectId,
  type EvaluationId,
  type ExampleId,
  type ProjectId,
  type RunId,
} from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';
import { sampleEvaluation } from './sample-evaluations.ts';

type World = { evaluations: EvaluationStore; audit: AuditStore; close(): Promise<void> };

const project = defaultProjectId;
const by = { project, actor: 'ada' };
const elsewhere = { project: 'elsewhere' as ProjectId, actor: 'eve' };
let number = 0;
const fresh = (more: Parameters<typeof sampleEvaluation>[1] = {}) => sampleEvaluation(`s${++number}`, more);
const counts = (done: number, more: Partial<EvaluationCounts> = {}): EvaluationCounts => ({
  ...{ done, failed: 0, cached: 0, erased: 0, costNanoUsd: null, ...more },
});

const outcome: EvaluationOutcome = {
  summaries: [
    {
      ...{ runId: 'run_1' as RunId, measure: 'exact', examples: 6, failures: 1, mean: 0.1 + 0.2, low: null, high: 1 },
      ...{ p50: 0, p95: 1, labels: { 'yes “now”': 2 } },
    },
  ],
  results: [
    {
      ...{ runId: 'run_2' as RunId, measure: 'exact', meanA: 0.1 + 0.2, meanB: null, difference: -1 / 3 },
      ...{ low: null, high: null, confidence: 0.95, method: 'paired', wins: 1, losses: 2, ties: 3 },
      ...{ failuresA: 0, failuresB: 4, pairs: 6, pValue: 0.03, rowsToSettle: 200, flaky: 0.5 },
      ...{ noiseShare: 0.25, deciding: [{ exampleId: 'ex_1' as ExampleId, influence: -1 / 7 }], toOverturn: null },
      ...{ verdict: 'not_enough_data', sentence: 'Too few pairs – “6” of 20.' },
    },
  ],
  gateResults: [],
};

/** What every {@link EvaluationStore} does. */
export function evaluationStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`evaluation store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    const create = (more: Parameters<typeof sampleEvaluation>[1] = {}) => world.evaluations.create(by, fresh(more));
    const read = async (id: EvaluationId) => {
      const found = await world.evaluations.get(project, id);
      if (!found) throw new Error('it is gone');
      return found;
    };
    const seatAt = async (seat: number, turn = 0): Promise<Seat> => ({ id: (await create()).id, turn, seat });
    const chunk = (after: number, last: number, rows = last - after) => ({ after, last, rows });

    it('starts queued, and says who asked for it', async () => {
      const marker = await newestId(world.audit);
      const wanted = fresh();
      const created = await world.evaluations.create(by, wanted);
      expect(created).toEqual({
        ...wanted,
        ...{ ...counts(0), status: 'queued', error: null, turn: 0, summaries: [], results: [], gateResults: [] },
        ...{ createdAt: new Date(created.createdAt).toISOString(), startedAt: null, finishedAt: null },
      });
      expect(await world.evaluations.get(project, wanted.id)).toEqual(created);
      await expect(world.evaluations.create(by, wanted)).rejects.toMatchObject({ code: 'conflict' });
      const entries = await entriesSince(world.audit, marker);
      expect(entries.map(({ action, subject, detail }) => [action, subject, detail])).toEqual([
        ['evaluation.create', wanted.id, { dataset: 'golden@3', runs: ['bot@1', 'echo'] }],
      ]);
    });

    it('runs at once where a client makes the calls, and keeps what that counts', async () => {
      const { id, status, startedAt } = await create({ place: 'client' });
      expect([status, startedAt]).toEqual(['running', expect.any(String)]);
      await world.evaluations.setCounts(id, counts(7, { failed: 1, cached: 2, costNanoUsd: 9_007_199_254_740_993n }));
      expect(await read(id)).toMatchObject({ done: 7, failed: 1, cached: 2, costNanoUsd: 9_007_199_254_740_993n });
    });

    it('gives each member to one seat, however many ask', async () => {
      const seat = await seatAt(0);
      const other = { ...seat, seat: 1 };
      expect(await world.evaluations.sit(seat)).toEqual({ next: 0, taken: 0, held: [], recorded: 0 });
      expect(await read(seat.id)).toMatchObject({ status: 'running', startedAt: expect.any(String) });
      await world.evaluations.sit(other);
      const first = { ...chunk(0, 12, 10), isEnd: false };
      expect(await world.evaluations.take(seat, first)).toEqual({ isMine: true, next: 12, taken: 10 });
      expect(await world.evaluations.take(seat, first)).toEqual({ isMine: true, next: 12, taken: 10 });
      expect(await world.evaluations.take(other, first)).toEqual({ isMine: false, next: 12, taken: 10 });
      const last = { ...chunk(12, 20, 5), isEnd: true };
      expect(await world.evaluations.take(other, last)).toEqual({ isMine: true, next: null, taken: 15 });
      expect(await world.evaluations.take(seat, last)).toMatchObject({ isMine: false, next: null });
      expect(await world.evaluations.take(other, last)).toMatchObject({ isMine: true, next: null });
      expect(await world.evaluations.sit(seat)).toMatchObject({ held: [chunk(0, 12, 10)] });
      expect(await world.evaluations.isDone(seat.id)).toBe(false);
      expect(await world.evaluations.finish(other, { ...last, ...counts(9) })).toBe(true);
      expect(await world.evaluations.finish(seat, { ...first, ...counts(20) })).toBe(true);
      expect(await world.evaluations.isDone(seat.id)).toBe(true);
      expect(await read(seat.id)).toMatchObject({ done: 29, status: 'running' });
    });

    it('adds up what seats report and finish, each chunk once', async () => {
      const seat = await seatAt(2);
      const other = { ...seat, seat: 5 };
      await world.evaluations.sit(seat);
      await world.evaluations.take(seat, { ...chunk(0, 3), isEnd: false });
      await world.evaluations.take(other, { ...chunk(3, 6), isEnd: true });
      const mine = { ...chunk(0, 3), ...counts(4, { failed: 1, cached: 1, costNanoUsd: 5n }) };
      expect(await world.evaluations.report(seat, [mine])).toEqual(
        counts(4, { failed: 1, cached: 1, costNanoUsd: 5n }),
      );
      expect(await world.evaluations.report(seat, [mine])).toMatchObject({ done: 4 });
      const theirs = { ...chunk(3, 6), ...counts(2, { erased: 1 }) };
      expect(await world.evaluations.report(other, [theirs])).toEqual(
        counts(6, { failed: 1, cached: 1, erased: 1, costNanoUsd: 5n }),
      );
      // A chunk is its seat's alone.
      expect(await world.evaluations.report(seat, [{ ...theirs, done: 50 }])).toMatchObject({ done: 6 });
      const [listed] = await world.evaluations.list(project, { limit: 1 });
      expect(listed).toEqual(await read(seat.id));
      await world.evaluations.finish(seat, { ...mine, done: 6, costNanoUsd: 7n });
      await world.evaluations.finish(seat, { ...mine, done: 6, costNanoUsd: 7n });
      expect(await read(seat.id)).toMatchObject({ done: 8, costNanoUsd: 7n, erased: 1 });
      expect(await world.evaluations.sit(seat)).toMatchObject({ held: [], recorded: 6 });
      expect(await world.evaluations.sit(other)).toMatchObject({ held: [chunk(3, 6)], recorded: 2 });
    });

    it('counts what was erased before it began once', async () => {
      const { id, erased } = await create({ erased: 2 });
      const seat = { id, turn: 0, seat: 0 };
      await world.evaluations.sit(seat);
      await world.evaluations.take(seat, { ...chunk(0, 9), isEnd: true });
      const one = { ...chunk(0, 9), ...counts(4, { erased: 1 }) };
      expect([erased, (await world.evaluations.report(seat, [one]))?.erased]).toEqual([2, 2]);
      await world.evaluations.finish(seat, { ...one, erased: 3 });
      expect((await read(id)).erased).toBe(3);
    });

    it('is stopped and resumed by somebody: workers of the turn before get nothing more', async () => {
      const seat = await seatAt(0);
      await world.evaluations.sit(seat);
      await world.evaluations.take(seat, { ...chunk(0, 3), isEnd: false });
      const marker = await newestId(world.audit);
      const stopped = await world.evaluations.stop(by, seat.id);
      expect(stopped).toMatchObject({ status: 'stopped', error: null, finishedAt: expect.any(String) });
      const mine = { ...chunk(0, 3), ...counts(2) };
      expect(await world.evaluations.report(seat, [mine])).toBeNull();
      expect(await read(seat.id)).toMatchObject({ status: 'stopped', done: 2 });
      expect(await world.evaluations.take(seat, { ...chunk(3, 6), isEnd: false })).toBeNull();
      expect(await world.evaluations.sit(seat)).toBeNull();
      await expect(world.evaluations.stop(by, seat.id)).rejects.toMatchObject({ code: 'conflict' });
      const resumed = await world.evaluations.resume(by, seat.id, { capNanoUsd: 12n });
      expect(resumed).toMatchObject({ status: 'queued', turn: 1, finishedAt: null, capNanoUsd: 12n, done: 2 });
      await expect(world.evaluations.resume(by, seat.id)).rejects.toMatchObject({ code: 'conflict' });
      expect(await world.evaluations.report(seat, [{ ...mine, done: 99 }])).toBeNull();
      expect(await world.evaluations.finish(seat, { ...mine, done: 99 })).toBe(false);
      const again = { ...seat, turn: 1 };
      expect(await world.evaluations.sit(again)).toEqual({ next: 3, taken: 3, held: [chunk(0, 3)], recorded: 2 });
      const actions = (await entriesSince(world.audit, marker)).map(({ action, subject }) => [action, subject]);
      expect(actions).toEqual([
        ['evaluation.stop', seat.id],
        ['evaluation.resume', seat.id],
      ]);
    });

    it('ends with a reason, of its own turn only, and can be resumed', async () => {
      const seat = await seatAt(0);
      await world.evaluations.end(seat.id, 1, { status: 'failed', reason: 'of another turn' });
      expect((await read(seat.id)).status).toBe('queued');
      await world.evaluations.end(seat.id, 0, { status: 'failed', reason: 'the model is gone' });
      expect(await read(seat.id)).toMatchObject({ status: 'failed', error: 'the model is gone' });
      await world.evaluations.end(seat.id, 0, { status: 'stopped', reason: 'too late' });
      expect(await read(seat.id)).toMatchObject({ status: 'failed' });
      expect(await world.evaluations.resume(by, seat.id)).toMatchObject({ status: 'queued', error: null, turn: 1 });
    });

    it('never changes once completed, and has exact results', async () => {
      const seat = await seatAt(0);
      await world.evaluations.sit(seat);
      await world.evaluations.take(seat, { ...chunk(0, 3), isEnd: false });
      await world.evaluations.complete(seat.id, outcome, counts(38, { erased: 1, costNanoUsd: 1n << 60n }));
      const completed = await read(seat.id);
      expect(completed).toMatchObject({ status: 'completed', total: 38, done: 38, erased: 1, costNanoUsd: 1n << 60n });
      expect(completed).toMatchObject({ ...outcome, error: null, finishedAt: expect.any(String) });
      await world.evaluations.complete(seat.id, { ...outcome, results: [] }, counts(0));
      await world.evaluations.setCounts(seat.id, counts(1));
      await world.evaluations.end(seat.id, 0, { status: 'failed', reason: 'x' });
      expect(await world.evaluations.sit(seat)).toBeNull();
      await expect(world.evaluations.resume(by, seat.id)).rejects.toMatchObject({ code: 'conflict' });
      expect(await read(seat.id)).toEqual(completed);
    });

    it('lists newest first, page by page, by dataset, model and status', async () => {
      const here = { dataset: 'listed' };
      const ids: string[] = [];
      for (let i = 0; i < 5; i++) ids.unshift((await create(here)).id);
      const of = async (more: object) =>
        (await world.evaluations.list(project, { limit: 9, ...here, ...more })).map(({ id }) => id);
      const first = await of({ limit: 2 });
      expect([...first, ...(await of({ before: first[1] }))]).toEqual(ids);
      await world.evaluations.stop(by, ids[0] as EvaluationId);
      expect(await of({ status: 'stopped' })).toEqual([ids[0]]);
      expect(await of({ model: 'bot' })).toEqual(ids);
      expect(await of({ model: 'bot@1' })).toEqual(ids);
      expect(await of({ model: 'sim/echo' })).toEqual(ids);
      expect(await of({ model: 'bot@2' })).toEqual([]);
      expect(await world.evaluations.list(project, { limit: 9, dataset: 'none' })).toEqual([]);
      const nowhere = world.evaluations.list(project, { limit: 2, before: 'ev_nowhere' });
      await expect(nowhere).rejects.toMatchObject({ code: 'invalid_request', param: 'cursor' });
    });

    it('lists replays alone', async () => {
      const dataset = 'replays-alone';
      await create({ dataset });
      const { id } = await create({ dataset, metadata: { replay: { model: 'bot' }, 'nul\u0000': 'ok' } });
      const found = await world.evaluations.list(project, { limit: 9, dataset, replays: true });
      expect(found.map((one) => one.id)).toEqual([id]);
    });

    it('finds the evaluation of a run', async () => {
      const { id, runs } = await create();
      expect(await world.evaluations.ofRun(project, runs[1]?.id as RunId)).toMatchObject({ id });
      expect(await world.evaluations.ofRun(project, 'run_none' as RunId)).toBeNull();
      expect(await world.evaluations.ofRun(elsewhere.project, runs[1]?.id as RunId)).toBeNull();
    });

    it('knows whether others wait for a worker', async () => {
      const mine = await create();
      for (const { id, status } of await world.evaluations.list(project, { limit: 500 }))
        if (id !== mine.id && (status === 'queued' || status === 'running')) await world.evaluations.stop(by, id);
      await create({ place: 'client' });
      expect(await world.evaluations.othersWait(mine.id)).toBe(false);
      await create();
      expect(await world.evaluations.othersWait(mine.id)).toBe(true);
    });

    it('is gone when it was removed, with its chunks', async () => {
      const seat = await seatAt(0);
      await world.evaluations.sit(seat);
      await world.evaluations.take(seat, { ...chunk(0, 3), isEnd: false });
      await world.evaluations.remove(by, seat.id);
      expect(await world.evaluations.get(project, seat.id)).toBeNull();
      expect(await world.evaluations.report(seat, [{ ...chunk(0, 3), ...counts(1) }])).toBeNull();
    });

    it('names what is missing and keeps projects apart', async () => {
      const { id } = await create();
      const nobody = 'ev_nobody' as EvaluationId;
      const missing = { code: 'not_found', message: expect.stringContaining(nobody) };
      await expect(world.evaluations.stop(by, nobody)).rejects.toMatchObject(missing);
      await expect(world.evaluations.complete(nobody, outcome, counts(1))).rejects.toMatchObject(missing);
      for (const change of ['stop', 'resume', 'remove'] as const)
        await expect(world.evaluations[change](elsewhere, id)).rejects.toMatchObject({ code: 'not_found' });
      expect(await world.evaluations.get(elsewhere.project, id)).toBeNull();
      expect(await world.evaluations.list(elsewhere.project, { limit: 5 })).toEqual([]);
    });
  });
}
