import type { ScoreStore } from '@wheelhouse/core/ports';
import { defaultProjectId, type ProjectId, type Score, type ScoreId } from '@wheelhouse/core/records';
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

    const score = (traceId: Score['traceId'], n: number, more: Partial<Score> = {}): Score => ({
      id: `sc_${n}` as ScoreId,
      traceId,
      spanId: null,
      name: 'helpful',
      value: n,
      comment: null,
      source: 'human',
      createdAt: `2026-02-03T04:05:0${n}.678Z`,
      ...more,
    });

    it('gives the scores of a trace as they were put, oldest first', async () => {
      const traceId = freshTraceId();
      const scores = [
        score(traceId, 1, { value: 0.1 }),
        score(traceId, 2, { value: false, comment: '' }),
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
