import type { Handlers, ParsedBody } from '@wheelhouse/core/contract';
import { createScorer, type NamedScorer, scorerLabel } from '@wheelhouse/core/eval';
import type {
  CellStore,
  Clock,
  ComparisonStore,
  DatasetStore,
  ExampleStore,
  JobQueue,
  LiveFeed,
  Random,
  SchemaChecker,
} from '@wheelhouse/core/ports';
import {
  type Actor,
  type Comparison,
  type ComparisonId,
  type Dataset,
  type DatasetVersion,
  type ExampleRow,
  idRandomBytes,
  nanosToMs,
  newId,
  offsetOf,
  offsetPage,
  type ProjectId,
  type Run,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type RouteTable, resolveTarget } from '@wheelhouse/core/route';
import { comparisonBody, rowBody } from './bodies.ts';
import { type ComparisonJob, comparisonQueue } from './comparison-queue.ts';
import { readRows } from './comparison-rows.ts';

type EvalDeps = {
  comparisons: ComparisonStore;
  cells: CellStore;
  datasets: DatasetStore;
  examples: Pick<ExampleStore, 'get'>;
  jobs: Pick<JobQueue, 'enqueue'>;
  feed: Pick<LiveFeed, 'publish'>;
  clock: Clock;
  random: Random;
  checker: SchemaChecker;
  /** What a model's name means at this moment. */
  routes(project: ProjectId): RouteTable;
};

type Served = 'listComparisons' | 'createComparison' | 'getComparison' | 'listComparisonRows';
type NewComparisonBody = ParsedBody<'createComparison'>;

function fresh<Prefix extends 'run' | 'cmp'>({ clock, random }: EvalDeps, prefix: Prefix) {
  return newId(prefix, nanosToMs(clock.now()), random.bytes(idRandomBytes));
}

/** An alias becomes the version that it points at now, so that moving it changes nothing about a comparison. */
function fixRun(deps: EvalDeps, project: ProjectId, { side, ref }: { side: 'a' | 'b'; ref: string }): Run {
  try {
    const { name, version } = resolveTarget(ref, deps.routes(project));
    const model = version && name !== null ? { model: name, version: version.number } : { model: ref, version: null };
    return { id: fresh(deps, 'run'), ref, ...model };
  } catch (error) {
    if (!(error instanceof WheelhouseError)) throw error;
    throw new WheelhouseError(error.code, error.message, { hint: error.hint, param: side, cause: error });
  }
}

const noExamples = (name: string) =>
  new WheelhouseError('dataset_empty', `\`${name}\` has no examples.`, { param: 'dataset' });

async function findDataset(deps: EvalDeps, by: Actor, name: string): Promise<Dataset> {
  const dataset = await deps.datasets.get(by.project, name);
  if (!dataset)
    throw new WheelhouseError('not_found', `No dataset is called \`${name}\`.`, {
      param: 'dataset',
      hint: 'GET /api/v1/datasets lists them.',
    });
  return dataset;
}

/** The version that was named, else what the draft holds now, frozen when it differs from the head. */
async function fixVersion(
  deps: EvalDeps,
  by: Actor,
  dataset: Dataset,
  wanted: number | undefined,
): Promise<DatasetVersion> {
  const { name } = dataset;
  if (wanted === undefined && dataset.changed) {
    if (dataset.draftCount === 0) throw noExamples(name);
    const frozen = await deps.datasets.freeze(by, name);
    deps.feed.publish({ type: 'datasets', project: by.project, name });
    return frozen;
  }
  const number = wanted ?? dataset.head;
  if (number === 0) throw noExamples(name);
  const version = (await deps.datasets.versions(by.project, name)).find((one) => one.number === number);
  if (!version)
    throw new WheelhouseError('not_found', `\`${name}\` has no version ${number}.`, {
      param: 'version',
      hint: dataset.head === 0 ? 'Leave `version` out: the draft is frozen first.' : `Its newest is ${dataset.head}.`,
    });
  if (version.count === 0) throw noExamples(name);
  return version;
}

/** Each scorer once; what cannot be used is refused before anything is called. */
function labelsOf(deps: EvalDeps, scorers: NewComparisonBody['scorers']): string[] {
  const labels = [...new Set(scorers.map((scorer) => scorerLabel(scorer as string | NamedScorer)))];
  for (const label of labels) createScorer(label, deps);
  return labels;
}

async function create(deps: EvalDeps, by: Actor, body: NewComparisonBody): Promise<Comparison> {
  const dataset = await findDataset(deps, by, body.dataset);
  const { project } = by;
  const a = fixRun(deps, project, { side: 'a', ref: body.a });
  const b = fixRun(deps, project, { side: 'b', ref: body.b });
  const version = await fixVersion(deps, by, dataset, body.version);
  const erased = await deps.datasets.erasedMembers(by.project, dataset.name, version.number);
  if (erased === version.count)
    throw new WheelhouseError('dataset_empty', `Every example of \`${dataset.name}\` was erased with its trace.`, {
      param: 'dataset',
      hint: 'Add examples whose traces are there.',
    });
  const created = await deps.comparisons.create(by, {
    id: fresh(deps, 'cmp'),
    datasetId: dataset.id,
    dataset: dataset.name,
    datasetVersion: version.number,
    a,
    b,
    scorers: labelsOf(deps, body.scorers),
    repetitions: body.repetitions,
    total: (version.count - erased) * body.repetitions * 2,
    erased,
  });
  const job: ComparisonJob = { project: by.project, comparisonId: created.id, recorded: 0 };
  try {
    await deps.jobs.enqueue(comparisonQueue, job);
  } catch (error) {
    await deps.comparisons.setStatus(created.id, 'failed', 'It could not be queued; start it again.');
    throw error;
  }
  const { id, total, status } = created;
  deps.feed.publish({ type: 'comparisons', project: by.project, id, done: 0, total, status });
  return created;
}

async function findComparison(deps: EvalDeps, project: ProjectId, id: string): Promise<Comparison> {
  const found = await deps.comparisons.get(project, id as ComparisonId);
  if (!found)
    throw new WheelhouseError('not_found', `There is no comparison \`${id}\`.`, {
      hint: 'GET /api/v1/comparisons lists them.',
    });
  return found;
}

/** Starts comparisons and shows them; {@link startEvalWorker} runs them. */
export function createEvalHandlers(deps: EvalDeps): Handlers<Served> {
  return {
    async listComparisons({ by, query: { limit, cursor } }) {
      const found = await deps.comparisons.list(by.project, {
        limit: limit + 1,
        ...(cursor === undefined ? {} : { before: cursor }),
      });
      const data = found.slice(0, limit);
      return { data: data.map(comparisonBody), next: found.length > limit ? (data.at(-1)?.id ?? null) : null };
    },

    createComparison: async ({ by, body }) => comparisonBody(await create(deps, by, body)),

    getComparison: async ({ by, params }) =>
      comparisonBody(await findComparison(deps, by.project, params.comparisonId)),

    async listComparisonRows({ by, params, query: { limit, cursor } }) {
      const offset = offsetOf(cursor);
      const comparison = await findComparison(deps, by.project, params.comparisonId);
      const rows = await readRows({ ...deps, project: by.project }, comparison, { limit: limit + 1, offset });
      const cells = await deps.cells.ofRuns(by.project, [comparison.a.id, comparison.b.id]);
      const page = offsetPage(rows, { offset, limit });
      const cellsOf = (row: ExampleRow) => cells.filter(({ exampleId }) => exampleId === row.exampleId);
      return { data: page.data.map((row) => rowBody(row, cellsOf(row), comparison)), next: page.next };
    },
  };
}
