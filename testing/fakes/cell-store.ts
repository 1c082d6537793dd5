import { measured, measureNamed } from '@wheelhouse/core/eval';
import type { CellStore, RowAsk, RowKind } from '@wheelhouse/core/ports';
import type { Cell, ExampleId, ProjectId } from '@wheelhouse/core/records';

const spent = ({ cached, costNanoUsd, judgeNanoUsd }: Cell): bigint | null => {
  const answer = cached ? null : costNanoUsd;
  return answer === null && judgeNanoUsd === 0n ? null : (answer ?? 0n) + judgeNanoUsd;
};
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const byPlace = (a: Cell, b: Cell) =>
  a.exampleId === b.exampleId ? a.repetition - b.repetition : a.exampleId < b.exampleId ? -1 : 1;

type Line = { exampleId: ExampleId; change: number | null; failed: boolean; differs: boolean };

/** Each run's row beside the baseline's. */
function linesOf(cells: readonly Cell[], { baseline, runs, measure }: RowAsk): Line[] {
  const valuesOf = (some: readonly Cell[]) => some.flatMap((cell) => measured(cell, measureNamed(measure)).value ?? []);
  const others = runs.length === 0 ? [baseline] : runs;
  return [...new Set(cells.map(({ exampleId }) => exampleId))].flatMap((exampleId) =>
    others.flatMap((run): Line[] => {
      const [a, b] = [baseline, run].map((id) =>
        cells.filter((one) => one.exampleId === exampleId && one.runId === id),
      );
      if (!a || !b || b.length === 0) return [];
      const [x, y] = [valuesOf(a), valuesOf(b)];
      const change = x.length === 0 || y.length === 0 ? null : mean(y) - mean(x);
      const differs = [x, y].some((values) => new Set(values).size > 1);
      return [{ exampleId, change, failed: [...a, ...b].some(({ error }) => error !== null), differs }];
    }),
  );
}

function isOf({ change, failed, differs }: Line, kind: RowKind, lessIsBetter: boolean): boolean {
  if (kind === 'errors') return failed;
  if (kind === 'flaky') return differs;
  const gain = lessIsBetter ? -(change ?? 0) : (change ?? 0);
  return kind === 'improvements' ? gain > 0 : gain < 0;
}

/** Cells in memory; the first of each place stays. */
export function fakeCellStore(): CellStore & { all(): Cell[] } {
  const stored = new Map<string, { project: ProjectId; cell: Cell }>();
  const of = (project: ProjectId) =>
    [...stored.values()].filter((entry) => entry.project === project).map(({ cell }) => cell);
  const ofRuns = (project: ProjectId, runs: readonly string[]) =>
    of(project).filter(({ runId }) => runs.includes(runId));
  const ofRows = (project: ProjectId, { runs, examples }: { runs: readonly string[]; examples: readonly string[] }) =>
    ofRuns(project, runs).filter(({ exampleId }) => examples.includes(exampleId));

  return {
    all: () => [...stored.values()].map(({ cell }) => structuredClone(cell)),
    put: async (project, cells) => {
      for (const cell of cells) {
        const key = JSON.stringify([project, cell.runId, cell.exampleId, cell.repetition]);
        if (!stored.has(key)) stored.set(key, { project, cell: structuredClone(cell) });
      }
    },
    ofRows: async (project, ask) => structuredClone(ofRows(project, ask)),
    marks: async (project, ask) =>
      ofRows(project, ask).map(({ runId, exampleId, repetition, cached, costNanoUsd, judgeNanoUsd, error }) => ({
        ...{ runId, exampleId, repetition, cached, costNanoUsd, judgeNanoUsd, failed: error !== null },
      })),
    async tally(project, runs) {
      const cells = ofRuns(project, runs);
      const costs = cells.flatMap((cell) => spent(cell) ?? []);
      return {
        done: cells.length,
        failed: cells.filter(({ error }) => error !== null).length,
        cached: cells.filter(({ cached }) => cached).length,
        costNanoUsd: costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0n),
      };
    },
    async answers(project, keys) {
      const found = new Map();
      for (const { answerKey, output, error, latencyNs, costNanoUsd, traceId } of of(project))
        if (error === null && keys.includes(answerKey) && !found.has(answerKey))
          found.set(answerKey, { output: output ?? '', latencyNs, costNanoUsd, traceId });
      return found;
    },
    measured: async (project, { run, measure, limit, after }) =>
      ofRuns(project, [run])
        .sort(byPlace)
        .map((cell) => measured(cell, measureNamed(measure)))
        .filter(
          ({ exampleId, repetition }) =>
            after === undefined ||
            exampleId > after.exampleId ||
            (exampleId === after.exampleId && repetition > after.repetition),
        )
        .slice(0, limit),
    async finishedRows(project, { runs, measure, cells, limit }) {
      const rows = new Map<ExampleId, Cell[]>();
      const finished: ExampleId[] = [];
      for (const cell of ofRuns(project, runs)) {
        const row = rows.get(cell.exampleId) ?? [];
        rows.set(cell.exampleId, [...row, cell]);
        if (row.length + 1 === cells) finished.push(cell.exampleId);
      }
      const meanOf = (some: Cell[]) => {
        const values = some.flatMap((cell) => measured(cell, measureNamed(measure)).value ?? []);
        return values.length === 0 ? null : mean(values);
      };
      return finished.slice(0, limit).map((exampleId) => ({
        exampleId,
        means: runs.map((run) => meanOf((rows.get(exampleId) ?? []).filter(({ runId }) => runId === run))),
      }));
    },
    async rowsOf(project, ask) {
      const best = new Map<ExampleId, number | null>();
      for (const line of linesOf(ofRuns(project, [ask.baseline, ...ask.runs]), ask)) {
        if (!isOf(line, ask.kind, ask.lessIsBetter)) continue;
        const before = best.get(line.exampleId);
        if (before === undefined || Math.abs(line.change ?? 0) > Math.abs(before ?? 0))
          best.set(line.exampleId, line.change);
      }
      return [...best]
        .map(([exampleId, change]) => ({ exampleId, change }))
        .sort((a, b) => Math.abs(b.change ?? 0) - Math.abs(a.change ?? 0) || (a.exampleId < b.exampleId ? -1 : 1))
        .slice(ask.offset, ask.offset + ask.limit);
    },
    async countRows(project, ask) {
      const lines = linesOf(ofRuns(project, [ask.baseline, ...ask.runs]), ask);
      const count = (kind: RowKind) =>
        new Set(lines.filter((line) => isOf(line, kind, ask.lessIsBetter)).map(({ exampleId }) => exampleId)).size;
      return {
        ...{ regressions: count('regressions'), improvements: count('improvements') },
        ...{ errors: count('errors'), flaky: count('flaky') },
      };
    },
    async removeRuns(project, runs) {
      for (const [key, entry] of stored)
        if (entry.project === project && runs.includes(entry.cell.runId)) stored.delete(key);
    },
  };
}
