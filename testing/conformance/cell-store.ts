import type { CellStore, RowAsk } from '@wheelhouse/core/ports';
import {
  type Cell,
  defaultProjectId,
  type ExampleId,
  type ProjectId,
  type RunId,
  type ScorerResult,
} from '@wheelhouse/core/records';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshTraceId } from './sample-spans.ts';

type World = { cells: CellStore; close(): Promise<void> };

const project = defaultProjectId;
const half: ScorerResult = {
  ...{ ok: true, score: 0.5, label: 'so-so', reason: 'half of it', feedback: 'say the rest' },
  ...{ metadata: { of: 2 }, calls: { traceIds: [freshTraceId()], costNanoUsd: '12345678901234567890' } },
};
const unscored: ScorerResult = { ok: false, error: 'no answer', metadata: {}, calls: null };
const scored = (score: number | null, label: string | null = null): ScorerResult => ({
  ...{ ok: true, score, label, reason: null, feedback: null, metadata: {}, calls: null },
});
const freshRunId = () => `run_${freshTraceId()}` as RunId;
const idOf = (n: number) => `ex_${n}` as ExampleId;

const cell = (runId: RunId, n: number, more: Partial<Cell> = {}): Cell => ({
  ...{ runId, exampleId: idOf(n), repetition: 0, output: `answer ${n}`, error: null, scores: {} },
  ...{ latencyNs: 1n, costNanoUsd: null, judgeNanoUsd: 0n, traceId: freshTraceId(), cached: false, answerKey: '' },
  ...more,
});
const failedCell = (runId: RunId, n: number, more: Partial<Cell> = {}) =>
  cell(runId, n, { output: null, error: 'the upstream said "no"', ...more });
const inOrder = <Place extends Pick<Cell, 'exampleId' | 'repetition'>>(cells: Place[]) =>
  cells.toSorted((a, b) =>
    a.exampleId === b.exampleId ? a.repetition - b.repetition : a.exampleId < b.exampleId ? -1 : 1,
  );

export function cellStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`cell store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    const read = async (runs: RunId[], ...ns: number[]) =>
      inOrder(await world.cells.ofRows(project, { runs, examples: ns.map(idOf) }));

    it('gives cells as they were put: failures, failed scores, exact numbers', async () => {
      const runId = freshRunId();
      const cells = [
        cell(runId, 1, { latencyNs: (1n << 62n) + 1n, costNanoUsd: (1n << 61n) + 1n, judgeNanoUsd: (1n << 60n) + 1n }),
        failedCell(runId, 2, { traceId: null }),
        cell(runId, 3, { output: '', scores: { exact: half, rubric: unscored } }),
        cell(runId, 3, { repetition: 1, cached: true, answerKey: 'k' }),
      ];
      await world.cells.put(project, cells);
      expect(await read([runId], 1, 2, 3)).toEqual(cells);
      const marks = await world.cells.marks(project, { runs: [runId], examples: [idOf(1), idOf(2), idOf(3)] });
      expect(inOrder(marks)).toEqual(
        cells.map(({ exampleId, repetition, cached, costNanoUsd, judgeNanoUsd, error }) => ({
          ...{ runId, exampleId, repetition, cached, costNanoUsd, judgeNanoUsd, failed: error !== null },
        })),
      );
    });

    it('keeps the first of a cell that is put again, in one call or in several', async () => {
      const place = fc.record({ n: fc.nat({ max: 2 }), repetition: fc.nat({ max: 1 }) });
      const batches = fc.array(fc.array(place, { maxLength: 4 }), { maxLength: 4 });
      await fc.assert(
        fc.asyncProperty(batches, async (puts) => {
          const runId = freshRunId();
          const first = new Map<string, Cell>();
          for (const [at, batch] of puts.entries()) {
            const cells = batch.map(({ n, repetition }, i) => cell(runId, n, { repetition, output: `${at}.${i}` }));
            for (const put of cells) {
              const key = `${put.exampleId} ${put.repetition}`;
              if (!first.has(key)) first.set(key, put);
            }
            await world.cells.put(project, cells);
          }
          expect(await read([runId], 0, 1, 2)).toEqual(inOrder([...first.values()]));
        }),
        { numRuns: 12 },
      );
    }, 60_000);

    it('gives the cells of the runs and examples that are asked for, of this project only', async () => {
      const [a, b, c] = [freshRunId(), freshRunId(), freshRunId()];
      await world.cells.put(project, [cell(a, 1), cell(b, 1), cell(c, 1), cell(a, 3)]);
      await world.cells.put('other' as ProjectId, [cell(a, 2)]);
      const found = await read([a, b], 1, 2);
      expect(new Set(found.map((entry) => entry.runId))).toEqual(new Set([a, b]));
      expect(found).toHaveLength(2);
      expect(await read([], 1)).toEqual([]);
      expect(await read([a])).toEqual([]);
    });

    it('adds up what was made and spent: answers that were taken again cost nothing, their judges do', async () => {
      const [a, b] = [freshRunId(), freshRunId()];
      expect(await world.cells.tally(project, [a])).toEqual({ done: 0, failed: 0, cached: 0, costNanoUsd: null });
      await world.cells.put(project, [cell(a, 1, { cached: true, costNanoUsd: 9n }), failedCell(a, 2)]);
      expect(await world.cells.tally(project, [a])).toEqual({ done: 2, failed: 1, cached: 1, costNanoUsd: null });
      await world.cells.put(project, [
        cell(b, 1, { costNanoUsd: (1n << 61n) + 1n }),
        cell(b, 2, { cached: true, costNanoUsd: 5n, judgeNanoUsd: 2n }),
      ]);
      expect(await world.cells.tally(project, [a, b])).toEqual({
        ...{ done: 4, failed: 1, cached: 2, costNanoUsd: (1n << 61n) + 3n },
      });
    });

    it('finds the answer that was given first under a key, and no failure', async () => {
      const [a, b] = [freshRunId(), freshRunId()];
      const [key, other] = [`key ${a}`, `key ${b}`];
      await world.cells.put(project, [failedCell(a, 1, { answerKey: key }), failedCell(a, 2, { answerKey: other })]);
      const first = cell(a, 3, { answerKey: key, output: 'first', costNanoUsd: 7n, latencyNs: 3n });
      await world.cells.put(project, [first]);
      await world.cells.put(project, [cell(b, 1, { answerKey: key, output: 'second', cached: true })]);
      expect(await world.cells.answers(project, [key, other, 'key of nobody'])).toEqual(
        new Map([[key, { output: 'first', costNanoUsd: 7n, latencyNs: 3n, traceId: first.traceId }]]),
      );
      expect(await world.cells.answers('other' as ProjectId, [key])).toEqual(new Map());
    });

    it('gives a measure of a run, cell by cell, page by page', async () => {
      const run = freshRunId();
      const label = 'bleu {"tokenize":"char"}';
      const more = { latencyNs: 1_500_000_000n, costNanoUsd: 2_000_000n };
      await world.cells.put(project, [
        cell(run, 1, { ...more, scores: { [label]: scored(0.1 + 0.2, 'fair') } }),
        cell(run, 1, { ...more, repetition: 1, scores: { [label]: unscored } }),
        cell(run, 2, { scores: { [label]: scored(null, 'poor') } }),
        failedCell(run, 3, { ...more }),
      ]);
      const measured = async (measure: string) => {
        const first = await world.cells.measured(project, { run, measure, limit: 3 });
        const second = await world.cells.measured(project, { run, measure, limit: 3, after: first.at(-1) });
        const all = [...first, ...second];
        expect(all.map(({ exampleId, repetition }) => `${exampleId} ${repetition}`)).toEqual([
          ...['ex_1 0', 'ex_1 1', 'ex_2 0', 'ex_3 0'],
        ]);
        return all.map(({ value, label: said }) => said ?? value);
      };
      expect(await measured(label)).toEqual(['fair', null, 'poor', null]);
      const [one] = await world.cells.measured(project, { run, measure: label, limit: 1 });
      expect(one?.value).toBe(0.1 + 0.2);
      expect(await measured('latency')).toEqual([1.5, 1.5, 1e-9, null]);
      expect(await measured('cost')).toEqual([0.002, 0.002, null, null]);
      expect(await measured('errors')).toEqual([0, 0, 0, 1]);
    });

    it('gives the rows that are finished, in the order in which they were', async () => {
      const [a, b] = [freshRunId(), freshRunId()];
      const exact = (run: RunId, n: number, repetition: number, score: number) =>
        cell(run, n, { repetition, scores: { exact: scored(score) } });
      await world.cells.put(project, [exact(a, 2, 0, 1), exact(a, 2, 1, 0), exact(b, 2, 0, 1), exact(a, 1, 0, 1)]);
      await world.cells.put(project, [failedCell(a, 3), cell(a, 3, { repetition: 1 }), exact(b, 3, 0, 1)]);
      await world.cells.put(project, [exact(b, 3, 1, 0)]);
      await world.cells.put(project, [exact(b, 2, 1, 1)]);
      const ask = { runs: [a, b], measure: 'exact', cells: 4, limit: 10 };
      const rows = [
        { exampleId: idOf(3), means: [null, 0.5] },
        { exampleId: idOf(2), means: [0.5, 1] },
      ];
      expect(await world.cells.finishedRows(project, ask)).toEqual(rows);
      expect(await world.cells.finishedRows(project, { ...ask, limit: 1 })).toEqual(rows.slice(0, 1));
      const errors = await world.cells.finishedRows(project, { ...ask, runs: [b, a], measure: 'errors' });
      expect(errors.map(({ means }) => means)).toEqual([
        [0, 0.5],
        [0, 0],
      ]);
    });

    it('finds the rows that got worse or better, that failed, and that are not the same twice', async () => {
      const [a, b, c] = [freshRunId(), freshRunId(), freshRunId()];
      const put = (run: RunId, n: number, ...scores: (number | null)[]) =>
        scores.map((score, repetition) =>
          score === null
            ? failedCell(run, n, { repetition })
            : cell(run, n, { repetition, scores: { exact: scored(score) } }),
        );
      await world.cells.put(project, [
        ...[put(a, 1, 1, 1), put(a, 2, 0.5, 0.5), put(a, 3, 0, 1), put(a, 4, 1, 1), put(a, 5, 0, 0)].flat(),
        ...[put(b, 1, 0, 0), put(b, 2, 0.5, 0.25), put(b, 3, 1, 1), put(b, 4, null, 1), put(b, 5, null, null)].flat(),
        ...[put(c, 1, 1, 1), put(c, 2, 1, 1), put(c, 5, 0, 0)].flat(),
      ]);
      const ask: RowAsk = { baseline: a, runs: [b], measure: 'exact', lessIsBetter: false };
      const rows = async (kind: Parameters<CellStore['rowsOf']>[1]['kind'], change: Partial<RowAsk> = {}) => {
        const found = await world.cells.rowsOf(project, { ...ask, ...change, kind, limit: 10, offset: 0 });
        return found.map(({ exampleId, change: by }) => `${exampleId} ${by}`);
      };
      expect(await rows('regressions')).toEqual(['ex_1 -1', 'ex_2 -0.125']);
      expect(await rows('improvements')).toEqual(['ex_3 0.5']);
      expect(await rows('errors')).toEqual(['ex_4 0', 'ex_5 null']);
      expect(await rows('flaky')).toEqual(['ex_3 0.5', 'ex_2 -0.125']);
      expect(await world.cells.countRows(project, ask)).toEqual({
        regressions: 2,
        improvements: 1,
        errors: 2,
        flaky: 2,
      });
      expect(await rows('regressions', { lessIsBetter: true })).toEqual(['ex_3 0.5']);
      // Of several candidates, the one that changed most.
      expect(await rows('improvements', { runs: [b, c] })).toEqual(['ex_2 0.5', 'ex_3 0.5']);
      expect(await rows('flaky', { runs: [] })).toEqual(['ex_3 0']);
      const second = await world.cells.rowsOf(project, { ...ask, kind: 'regressions', limit: 1, offset: 1 });
      expect(second).toEqual([{ exampleId: idOf(2), change: -0.125 }]);
    });

    it('forgets runs for good', async () => {
      const [a, b] = [freshRunId(), freshRunId()];
      await world.cells.put(project, [cell(a, 1), cell(b, 1)]);
      await world.cells.removeRuns(project, [a]);
      expect((await read([a, b], 1)).map(({ runId }) => runId)).toEqual([b]);
    });
  });
}
