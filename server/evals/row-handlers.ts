import type { Handlers } from '@wheelhouse/core/contract';
import { measureNamed } from '@wheelhouse/core/eval';
import type { RowAsk } from '@wheelhouse/core/ports';
import { type Evaluation, offsetOf, type RunId, WheelhouseError } from '@wheelhouse/core/records';
import { rowBody } from './bodies.ts';
import { type ReadRow, readRows, withContents } from './evaluation-rows.ts';
import { type EvalDeps, findEvaluation } from './find-evaluation.ts';

type Deps = Pick<EvalDeps, 'evaluations' | 'cells' | 'datasets' | 'examples'>;

function askOf(
  evaluation: Evaluation,
  { measure, run }: { measure?: string | undefined; run?: string | undefined },
): RowAsk {
  const ids = evaluation.runs.map(({ id }) => id);
  const [baseline, ...candidates] = ids;
  if (run !== undefined && !ids.includes(run as RunId))
    throw new WheelhouseError('invalid_request', `\`${run}\` is no run of this evaluation.`, { param: 'run' });
  const name = measure ?? evaluation.scorers[0] ?? 'errors';
  const runs = run === undefined || run === baseline ? candidates : [run as RunId];
  return { baseline: baseline as RunId, runs, measure: name, lessIsBetter: measureNamed(name).kind !== 'score' };
}

/** A place in the list: of the dataset's order the last member's, of a kind of rows how many were passed over. */
export function createRowHandlers(deps: Deps): Handlers<'listEvaluationRows'> {
  const { cells, datasets } = deps;
  return {
    async listEvaluationRows({ by, params, query: { limit, cursor, filter, measure, run } }) {
      const { project } = by;
      const evaluation = await findEvaluation(deps, project, params.evaluationId);
      const { dataset, datasetVersion } = evaluation;
      const ask = askOf(evaluation, { measure, run });
      const place = offsetOf(cursor);
      const change = new Map<string, number | null>();
      let rows: ReadRow[];
      let next: string | null;
      if (filter === 'all') {
        const read = await readRows({ ...deps, project }, evaluation, { after: place, limit: limit + 1 });
        rows = read.slice(0, limit);
        next = read.length > limit ? String(rows.at(-1)?.place) : null;
      } else {
        const found = await cells.rowsOf(project, { ...ask, kind: filter, limit: limit + 1, offset: place });
        for (const one of found.slice(0, limit)) change.set(one.exampleId, one.change);
        next = found.length > limit ? String(place + limit) : null;
        const ids = found.slice(0, limit).map(({ exampleId }) => exampleId);
        const read = await withContents({ ...deps, project }, dataset, () =>
          datasets.members(project, dataset, datasetVersion, { limit, where: { ids } }),
        );
        rows = ids.flatMap((id) => read.find(({ exampleId }) => exampleId === id) ?? []);
      }
      const runs = evaluation.runs.map(({ id }) => id);
      const examples = rows.map(({ exampleId }) => exampleId);
      const [found, counts] = await Promise.all([
        cells.ofRows(project, { runs, examples }),
        cells.countRows(project, ask),
      ]);
      const data = rows.map((row) =>
        rowBody(
          row,
          found.filter(({ exampleId }) => exampleId === row.exampleId),
          { runs: evaluation.runs, change: change.get(row.exampleId) ?? null },
        ),
      );
      return { data, next, counts };
    },
  };
}
