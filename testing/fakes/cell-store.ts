import type { CellStore } from '@wheelhouse/core/ports';
import type { Cell, ProjectId } from '@wheelhouse/core/records';

/** Cells in memory; the first of each place stays. */
export function fakeCellStore(): CellStore {
  const stored = new Map<string, { project: ProjectId; cell: Cell }>();
  return {
    put: async (project, cells) => {
      for (const cell of cells) {
        const key = JSON.stringify([project, cell.runId, cell.exampleId, cell.repetition]);
        if (!stored.has(key)) stored.set(key, { project, cell: structuredClone(cell) });
      }
    },
    ofRuns: async (project, runIds) =>
      [...stored.values()]
        .filter((entry) => entry.project === project && runIds.includes(entry.cell.runId))
        .map(({ cell }) => structuredClone(cell)),
  };
}
