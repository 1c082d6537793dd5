import type { CellStore } from '@wheelhouse/core/ports';
import { type Cell, defaultProjectId, type ExampleId, type ProjectId, type RunId } from '@wheelhouse/core/records';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshTraceId } from './sample-spans.ts';

type World = { cells: CellStore; close(): Promise<void> };

const project = defaultProjectId;
const freshRunId = () => `run_${freshTraceId()}` as RunId;

export function cellStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`cell store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    const cell = (runId: RunId, n: number, more: Partial<Cell> = {}): Cell => ({
      runId,
      exampleId: `ex_${n}` as ExampleId,
      repetition: 0,
      output: `answer ${n}`,
      error: null,
      scores: {},
      latencyNs: 1n,
      costNanoUsd: null,
      traceId: freshTraceId(),
      ...more,
    });
    const inOrder = (cells: Cell[]) =>
      cells.toSorted((a, b) =>
        a.exampleId === b.exampleId ? a.repetition - b.repetition : a.exampleId < b.exampleId ? -1 : 1,
      );

    it('gives cells as they were put: failures, failed scores, exact numbers', async () => {
      const runId = freshRunId();
      const cells = [
        cell(runId, 1, { latencyNs: (1n << 62n) + 1n, costNanoUsd: (1n << 61n) + 1n }),
        cell(runId, 2, { output: null, error: 'the upstream said "no"' }),
        cell(runId, 3, {
          output: '',
          scores: { exact: { ok: true, score: 0.5, reason: null }, judge: { ok: false, error: 'no answer' } },
        }),
        cell(runId, 3, { repetition: 1 }),
      ];
      await world.cells.put(project, cells);
      expect(inOrder(await world.cells.ofRuns(project, [runId]))).toEqual(cells);
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
          expect(inOrder(await world.cells.ofRuns(project, [runId]))).toEqual(inOrder([...first.values()]));
        }),
        { numRuns: 12 },
      );
    }, 60_000);

    it('gives the cells of the runs that are asked for, of this project only', async () => {
      const [a, b, c] = [freshRunId(), freshRunId(), freshRunId()];
      await world.cells.put(project, [cell(a, 1), cell(b, 1), cell(c, 1)]);
      await world.cells.put('other' as ProjectId, [cell(a, 2)]);
      const found = await world.cells.ofRuns(project, [a, b]);
      expect(new Set(found.map((entry) => entry.runId))).toEqual(new Set([a, b]));
      expect(found).toHaveLength(2);
      expect(await world.cells.ofRuns(project, [])).toEqual([]);
    });
  });
}
