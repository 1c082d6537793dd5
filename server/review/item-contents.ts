import type {
  Cell,
  Evaluation,
  EvaluationId,
  Example,
  ExampleContent,
  Json,
  JsonObject,
  ProjectId,
  ReviewItem,
  ReviewTarget,
} from '@wheelhouse/core/records';
import type { ReviewDeps } from './deps.ts';

/** What people look at. */
export type ItemContent = {
  input: Json;
  output: Json;
  expected: Json;
  metadata: JsonObject;
  /** What an example that is made of it refers to. */
  source: Example['source'];
  /** The run that answered; null for traces. */
  model: string | null;
};

type Deps = Pick<ReviewDeps, 'evaluations' | 'cells' | 'datasets' | 'examples' | 'traceRows'>;
type CellTarget = Extract<ReviewTarget, { kind: 'cell' }>;
type Found = Map<number, ItemContent>;

async function readTraces({ traceRows }: Deps, project: ProjectId, items: readonly ReviewItem[]): Promise<Found> {
  const wanted = items.flatMap(({ number, target }) =>
    target.kind === 'trace' ? [{ number, traceId: target.traceId }] : [],
  );
  if (wanted.length === 0) return new Map();
  const rows = await traceRows(
    project,
    wanted.map(({ traceId }) => traceId),
  );
  const byTrace = new Map(rows.map((row) => [row.traceId, row]));
  return new Map(
    wanted.flatMap(({ number, traceId }): [number, ItemContent][] => {
      const row = byTrace.get(traceId);
      if (!row) return [];
      const { input, output, spanId } = row;
      return [[number, { input, output, expected: null, metadata: {}, source: { traceId, spanId }, model: null }]];
    }),
  );
}

async function readExamples(
  { datasets, examples }: Deps,
  project: ProjectId,
  { dataset, datasetVersion }: Evaluation,
  ids: CellTarget['exampleId'][],
): Promise<Map<string, ExampleContent>> {
  const unique = [...new Set(ids)];
  const members = await datasets.members(project, dataset, datasetVersion, {
    ...{ limit: unique.length, where: { ids: unique } },
  });
  const contents = await examples.get(
    project,
    members.map(({ hash }) => hash),
  );
  return new Map(
    members.flatMap(({ id, hash, erasedAt }) => {
      const content = erasedAt === null ? contents.get(hash) : undefined;
      return content ? [[id, content]] : [];
    }),
  );
}

function contentOf(evaluation: Evaluation, cell: Cell, example: ExampleContent): ItemContent {
  const { input, expected, metadata } = example;
  const run = evaluation.runs.find(({ id }) => id === cell.runId);
  return { input, output: cell.output, expected, metadata, source: null, model: run?.label ?? null };
}

async function readCells(deps: Deps, project: ProjectId, items: readonly ReviewItem[]): Promise<Found> {
  const found: Found = new Map();
  const byEvaluation = new Map<EvaluationId, { number: number; target: CellTarget }[]>();
  for (const { number, target } of items)
    if (target.kind === 'cell') {
      const some = byEvaluation.get(target.evaluationId) ?? [];
      byEvaluation.set(target.evaluationId, [...some, { number, target }]);
    }
  for (const [id, some] of byEvaluation) {
    const evaluation = await deps.evaluations.get(project, id);
    if (!evaluation) continue;
    const ids = some.map(({ target }) => target.exampleId);
    const [cells, examples] = await Promise.all([
      deps.cells.ofRows(project, { runs: [...new Set(some.map(({ target }) => target.runId))], examples: ids }),
      readExamples(deps, project, evaluation, ids),
    ]);
    for (const { number, target } of some) {
      const cell = cells.find(
        (one) =>
          one.runId === target.runId && one.exampleId === target.exampleId && one.repetition === target.repetition,
      );
      const example = examples.get(target.exampleId);
      if (cell && example) found.set(number, contentOf(evaluation, cell, example));
    }
  }
  return found;
}

/** By number; what an item points at may be gone. */
export async function readContents(deps: Deps, project: ProjectId, items: readonly ReviewItem[]): Promise<Found> {
  const [traces, cells] = await Promise.all([readTraces(deps, project, items), readCells(deps, project, items)]);
  return new Map([...traces, ...cells]);
}
