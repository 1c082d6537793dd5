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
  RunId,
} from '@wheelhouse/core/records';
import { conversationOf } from './conversation-of.ts';
import type { ReviewDeps, TraceRow } from './deps.ts';

/** What people look at. */
export type ItemContent = {
  input: Json;
  output: Json;
  expected: Json;
  metadata: JsonObject;
  /** What an example that is made of it refers to. */
  source: Example['source'];
  /** The run that answered; null for what users saw. */
  model: string | null;
  /** Of a pair, the answer on the right. */
  other: { output: Json; model: string | null } | null;
};

type Deps = Pick<ReviewDeps, 'evaluations' | 'cells' | 'datasets' | 'examples' | 'traceRows' | 'spanRow' | 'queries'>;
type CellTarget = Extract<ReviewTarget, { kind: 'cell' | 'pair' }>;
type Found = Map<number, ItemContent>;

/** Of a conversation. */
const mostTurns = 200;

const asUsersSaw = ({ input, output, traceId, spanId }: TraceRow): ItemContent => ({
  ...{ input, output, expected: null, metadata: {}, source: { traceId, spanId }, model: null, other: null },
});

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
      return [[number, asUsersSaw(row)]];
    }),
  );
}

async function readSpans({ spanRow }: Deps, project: ProjectId, items: readonly ReviewItem[]): Promise<Found> {
  const found: Found = new Map();
  for (const { number, target } of items) {
    const row = target.kind === 'span' ? await spanRow(project, target) : null;
    if (row) found.set(number, asUsersSaw(row));
  }
  return found;
}

async function readSessions(deps: Deps, project: ProjectId, items: readonly ReviewItem[]): Promise<Found> {
  const found: Found = new Map();
  for (const { number, target } of items) {
    if (target.kind !== 'session') continue;
    const { data } = await deps.queries.tracesOfSession(project, target.sessionId, { limit: mostTurns });
    const row = conversationOf(
      await deps.traceRows(
        project,
        data.map(({ traceId }) => traceId),
      ),
    );
    if (row) found.set(number, asUsersSaw(row));
  }
  return found;
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

type Answered = Pick<ItemContent, 'output' | 'model'>;

function contentOf({ input, expected, metadata }: ExampleContent, one: Answered, other: Answered | null): ItemContent {
  return { input, ...one, expected, metadata, source: null, other };
}

/** The runs whose answers are looked at; of a pair from left to right. */
const runsOf = (target: CellTarget): [RunId, ...RunId[]] =>
  target.kind === 'cell' ? [target.runId] : [target.left, target.right];

async function readCells(deps: Deps, project: ProjectId, items: readonly ReviewItem[]): Promise<Found> {
  const found: Found = new Map();
  const byEvaluation = new Map<EvaluationId, { number: number; target: CellTarget }[]>();
  for (const { number, target } of items)
    if (target.kind === 'cell' || target.kind === 'pair') {
      const some = byEvaluation.get(target.evaluationId) ?? [];
      byEvaluation.set(target.evaluationId, [...some, { number, target }]);
    }
  for (const [id, some] of byEvaluation) {
    const evaluation = await deps.evaluations.get(project, id);
    if (!evaluation) continue;
    const ids = some.map(({ target }) => target.exampleId);
    const [cells, examples] = await Promise.all([
      deps.cells.ofRows(project, { runs: [...new Set(some.flatMap(({ target }) => runsOf(target)))], examples: ids }),
      readExamples(deps, project, evaluation, ids),
    ]);
    for (const { number, target } of some) {
      const answerOf = (run: RunId): Answered | null => {
        const cell: Cell | undefined = cells.find(
          (one) => one.runId === run && one.exampleId === target.exampleId && one.repetition === target.repetition,
        );
        const label = evaluation.runs.find(({ id: runId }) => runId === run)?.label ?? null;
        return cell ? { output: cell.output, model: label } : null;
      };
      const example = examples.get(target.exampleId);
      const [left, right] = runsOf(target);
      const one = answerOf(left);
      const other = right === undefined ? null : answerOf(right);
      if (example && one && (right === undefined || other)) found.set(number, contentOf(example, one, other));
    }
  }
  return found;
}

/** By number; what an item points at may be gone. */
export async function readContents(deps: Deps, project: ProjectId, items: readonly ReviewItem[]): Promise<Found> {
  const read = [readTraces, readSpans, readSessions, readCells].map((of) => of(deps, project, items));
  return new Map((await Promise.all(read)).flatMap((found) => [...found]));
}
