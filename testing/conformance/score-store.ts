import type { ScoreStore } from '@wheelhouse/core/ports';
import { defaultProjectId, type ProjectId, type Score, type ScoreId, type TraceId } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshTraceId, spanIdOf } from './sample-spans.ts';

type World = { scores: ScoreStore; close(): Promise<void> };

const project = defaultProjectId;

export function scoreStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`score store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    const score = (traceId: TraceId, n: number, more: Partial<Score> = {}): Score => ({
      id: `sc_${n}` as ScoreId,
      traceId,
      spanId: null,
      sessionId: null,
      name: 'helpful',
      value: n,
      comment: null,
      metadata: {},
      source: 'human',
      createdAt: `2026-02-03T04:05:0${n}.678Z`,
      ...more,
    });

    it('gives the scores of a trace as they were put, oldest first', async () => {
      const traceId = freshTraceId();
      const scores = [
        score(traceId, 1, { value: 0.1 }),
        score(traceId, 2, { value: false, comment: '', metadata: { by: ['ada', null, 1.5] } }),
        score(traceId, 3, { value: '1', comment: 'it’s "so"\n', spanId: spanIdOf(4), source: 'judge' }),
      ];
      await world.scores.put(project, scores.toReversed());
      expect(await world.scores.ofTrace(project, traceId)).toEqual(scores);
    });

    it('keeps one of a score that is put twice, the newer one', async () => {
      const traceId = freshTraceId();
      const later = score(traceId, 1, { value: 5, createdAt: '2026-02-03T04:05:09.000Z' });
      await world.scores.put(project, [score(traceId, 1)]);
      await world.scores.put(project, [score(traceId, 1)]);
      await world.scores.put(project, [later]);
      await world.scores.put(project, [score(traceId, 1)]);
      expect(await world.scores.ofTrace(project, traceId)).toEqual([later]);
    });

    it('lists by id, trace, span, session and name, newest first, in pages without gap or repeat', async () => {
      const [one, two] = [freshTraceId(), freshTraceId()];
      const unique = (n: number, more: Partial<Score> = {}) => score(one, n, { id: `${one}-${n}` as ScoreId, ...more });
      const onSpan = unique(1, { spanId: spanIdOf(7) });
      const onTrace = unique(2, { name: 'other' });
      const onSession = unique(3, { traceId: null, sessionId: `s ${one}` });
      const elsewhere = unique(4, { traceId: two });
      await world.scores.put(project, [onSpan, onTrace, onSession, elsewhere]);
      const all = { ids: [onSpan, onTrace, onSession, elsewhere].map(({ id }) => id) };
      const list = async (filter: Parameters<ScoreStore['list']>[1]) => (await world.scores.list(project, filter)).data;
      expect(await list({ ...all, limit: 9 })).toEqual([elsewhere, onSession, onTrace, onSpan]);
      expect(await list({ traceIds: [one, two], limit: 9 })).toEqual([elsewhere, onTrace, onSpan]);
      expect(await list({ traceIds: [one], spanIds: [spanIdOf(7)], limit: 9 })).toEqual([onSpan]);
      expect(await list({ sessionId: `s ${one}`, limit: 9 })).toEqual([onSession]);
      expect(await list({ ...all, name: 'other', limit: 9 })).toEqual([onTrace]);
      const first = await world.scores.list(project, { ...all, limit: 3 });
      expect(first.data).toEqual([elsewhere, onSession, onTrace]);
      const rest = await world.scores.list(project, { ...all, limit: 3, cursor: first.next ?? '' });
      expect(rest).toEqual({ data: [onSpan], next: null });
      await expect(world.scores.list(project, { limit: 1, cursor: 'no such' })).rejects.toMatchObject({
        code: 'invalid_request',
      });
    });

    it('removes a score, of one trace alone when that is named, and takes it again', async () => {
      const [one, two] = [freshTraceId(), freshTraceId()];
      const id = `both of ${one}` as ScoreId;
      await world.scores.put(project, [score(one, 1, { id }), score(two, 1, { id }), score(one, 2)]);
      await world.scores.remove(project, id, one);
      expect(await world.scores.ofTrace(project, one)).toEqual([score(one, 2)]);
      expect(await world.scores.ofTrace(project, two)).toHaveLength(1);
      await world.scores.remove('other' as ProjectId, id);
      expect(await world.scores.ofTrace(project, two)).toHaveLength(1);
      await world.scores.remove(project, id);
      expect(await world.scores.ofTrace(project, two)).toEqual([]);
      await world.scores.put(project, [score(two, 1, { id })]);
      expect(await world.scores.ofTrace(project, two)).toEqual([score(two, 1, { id })]);
    });

    it('keeps projects and traces apart, and takes an empty list', async () => {
      const [one, two] = [freshTraceId(), freshTraceId()];
      await world.scores.put(project, []);
      await world.scores.put('other' as ProjectId, [score(one, 1)]);
      await world.scores.put(project, [score(two, 1)]);
      expect(await world.scores.ofTrace(project, one)).toEqual([]);
      expect(await world.scores.ofTrace(project, two)).toHaveLength(1);
    });
  });
}
