import type { Handlers, ParsedQuery } from '@wheelhouse/core/contract';
import { measureNamed } from '@wheelhouse/core/eval';
import type { CellStore, RowAsk } from '@wheelhouse/core/ports';
import { type Evaluation, offsetOf, type ProjectId, type RunId, WheelhouseError } from '@wheelhouse/core/records';
import { rowBody } from './bodies.ts';
import { findComparedRuns } from './compared-runs.ts';
import { type ReadRow, readRows, withContents } from './evaluation-rows.ts';
import { type EvalDeps, findEvaluation } from './find-evaluation.ts';

type Deps = Pick<EvalDeps, 'evaluations' | 'cells' | 'datasets' | 'examples'>;

const countsKept = 500;

/** Rows and the runs beside each other on them. */
type Shown = Pick<Evaluation, 'dataset' | 'datasetVersion' | 'rows' | 'runs' | 'scorers'> & {
  /** Nothing about it changes any more. */
  isFinal: boolean;
};
type Asked = ParsedQuery<'listEvaluationRows'>;

function askOf({ runs: all, scorers }: Shown, { measure, run }: Pick<Asked, 'measure' | 'run'>): RowAsk {
  const ids = all.map(({ id }) => id);
  const [baseline, ...candidates] = ids;
  if (run !== undefined && !ids.includes(run as RunId))
    throw new WheelhouseError('invalid_request', `\`${run.slice(0, 80)}\` is not one of these runs.`, { param: 'run' });
  const name = measure ?? scorers[0] ?? 'errors';
  const runs = run === undefined || run === baseline ? candidates : [run as RunId];
  return { baseline: baseline as RunId, runs, measure: name, lessIsBetter: measureNamed(name).kind !== 'score' };
}

type Counts = Awaited<ReturnType<CellStore['countRows']>>;

/** Counts read every cell, so those of what is completed, and therefore final, are kept. */
function createRowCounts({ cells }: Pick<Deps, 'cells'>) {
  const known = new Map<string, Counts>();
  return async (project: ProjectId, { isFinal }: Shown, ask: RowAsk): Promise<Counts> => {
    const key = JSON.stringify([project, ask]);
    const before = known.get(key);
    if (before) return before;
    const counts = await cells.countRows(project, ask);
    if (!isFinal) return counts;
    const [oldest] = known.keys();
    if (known.size >= countsKept && oldest !== undefined) known.delete(oldest);
    known.set(key, counts);
    return counts;
  };
}

/** A place in the list: of the dataset's order the last member's, of a kind of rows how many were passed over. */
export function createRowHandlers(deps: Deps): Handlers<'listEvaluationRows' | 'listComparisonRows'> {
  const { cells, datasets } = deps;
  const countRows = createRowCounts(deps);

  /** Rows of the kind, the largest change first. */
  async function ofKind(project: ProjectId, shown: Shown, ask: Parameters<CellStore['rowsOf']>[1]) {
    const { dataset, datasetVersion } = shown;
    const found = await cells.rowsOf(project, ask);
    const ids = found.map(({ exampleId }) => exampleId);
    const read = await withContents({ ...deps, project }, dataset, () =>
      datasets.members(project, dataset, datasetVersion, { limit: ask.limit, where: { ids } }),
    );
    return found.flatMap(({ exampleId, change }) => {
      const row = read.find((one) => one.exampleId === exampleId);
      return row ? [{ row, change }] : [];
    });
  }

  async function list(project: ProjectId, shown: Shown, { limit, cursor, filter, ...asked }: Asked) {
    const ask = askOf(shown, asked);
    const place = offsetOf(cursor);
    let rows: { row: ReadRow; change: number | null }[];
    if (filter === 'all') {
      const read = await readRows({ ...deps, project }, shown, { after: place, limit: limit + 1 });
      rows = read.map((row) => ({ row, change: null }));
    } else rows = await ofKind(project, shown, { ...ask, kind: filter, limit: limit + 1, offset: place });
    const page = rows.slice(0, limit);
    const last = filter === 'all' ? page.at(-1)?.row.place : place + limit;
    const runs = shown.runs.map(({ id }) => id);
    const examples = page.map(({ row }) => row.exampleId);
    const [found, counts] = await Promise.all([
      cells.ofRows(project, { runs, examples }),
      cursor === undefined ? countRows(project, shown, ask) : null,
    ]);
    const data = page.map(({ row, change }) => {
      const own = found.filter(({ exampleId }) => exampleId === row.exampleId);
      return rowBody(row, own, { runs: shown.runs, change });
    });
    return { data, next: rows.length > limit ? String(last) : null, counts };
  }

  return {
    async listEvaluationRows({ by, params, query }) {
      const evaluation = await findEvaluation(deps, by.project, params.evaluationId);
      return list(by.project, { ...evaluation, isFinal: evaluation.status === 'completed' }, query);
    },
    async listComparisonRows({ by, query: { baseline, runs, ...asked } }) {
      const { all, scorers } = await findComparedRuns(deps, by.project, { baseline, runs });
      const isFinal = all.every(({ evaluation }) => evaluation.status === 'completed');
      const shown = { ...all[0].evaluation, runs: all.map(({ run }) => run), scorers, isFinal };
      return list(by.project, shown, asked);
    },
  };
}
