import { cellKey, compareRuns, createScorer, runComparison } from '@wheelhouse/core/eval';
import type {
  CancelSignal,
  CellStore,
  Clock,
  ComparisonStore,
  DatasetStore,
  ExampleStore,
  JobQueue,
  LiveFeed,
  ModelRunner,
  SchemaChecker,
} from '@wheelhouse/core/ports';
import {
  type Cell,
  type Comparison,
  type ExampleId,
  type NanoUsd,
  nanosPerMs,
  type ProjectId,
  type RunId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { createCellRecorder } from './cell-recorder.ts';
import { type ComparisonJob, comparisonQueue } from './comparison-queue.ts';
import { livingRows } from './comparison-rows.ts';
import { patient } from './while-away.ts';

type WorkerDeps = {
  comparisons: ComparisonStore;
  cells: CellStore;
  datasets: Pick<DatasetStore, 'members'>;
  examples: Pick<ExampleStore, 'get'>;
  jobs: Pick<JobQueue, 'work' | 'enqueue'>;
  feed: Pick<LiveFeed, 'publish'>;
  clock: Clock;
  checker: SchemaChecker;
  runnerOf(project: ProjectId): ModelRunner;
  log: { error(fields: object, message: string): void };
};

/** For the comparison of a project. */
type ProjectDeps = WorkerDeps & { project: ProjectId; runner: ModelRunner };

/** Calls under way at one time: enough to keep a vendor busy, few enough to stay below its limits. */
const concurrency = 8;
const progressEveryNs = 250n * nanosPerMs;

/** Sums what has a price; null while nothing has. */
function createTally(cells: readonly Cell[]) {
  let done = 0;
  let cost: NanoUsd | null = null;
  const add = ({ costNanoUsd }: Cell) => {
    done++;
    if (costNanoUsd !== null) cost = (cost ?? 0n) + costNanoUsd;
  };
  for (const cell of cells) add(cell);
  return { add, read: () => ({ done, cost }) };
}

function createProgress(
  { comparisons, feed, clock, project }: ProjectDeps,
  { id, total }: Comparison,
  tally: ReturnType<typeof createTally>,
) {
  let shownAt = clock.now();
  const show = async () => {
    shownAt = clock.now();
    const { done, cost } = tally.read();
    await comparisons.setProgress(id, done, cost);
    feed.publish({ type: 'comparisons', project, id, done, total, status: 'running' });
  };
  return {
    show,
    /** At most four times a second: whoever watches sees no more than that. */
    showIfDue: async () => {
      if (clock.now() - shownAt >= progressEveryNs) await show();
    },
  };
}

async function run(
  deps: ProjectDeps,
  comparison: Comparison,
  { recorded, signal }: { recorded: Cell[]; signal: CancelSignal },
): Promise<void> {
  const { comparisons, cells, feed, project } = deps;
  const { id, a, b } = comparison;
  await comparisons.setStatus(id, 'running');
  const tally = createTally(recorded);
  const progress = createProgress(deps, comparison, tally);
  await progress.show();
  const record = createCellRecorder(cells, project);
  const scorers = new Map(comparison.scorers.map((label) => [label, createScorer(label, deps)]));
  const answered = new Set(recorded.map(({ exampleId }) => exampleId));
  let erased = 0;
  const onErased = ({ exampleId }: { exampleId: ExampleId }) => {
    if (!answered.has(exampleId)) erased++;
  };
  await runComparison(
    deps,
    {
      a,
      b,
      rows: livingRows(deps, comparison, onErased),
      scorers,
      repetitions: comparison.repetitions,
      concurrency,
      finished: new Set(recorded.map(cellKey)),
    },
    {
      signal,
      onCell: async (cell) => {
        await record(cell);
        tally.add(cell);
        await progress.showIfDue();
      },
    },
  );
  await progress.show();
  const all = await cells.ofRuns(project, [a.id, b.id]);
  const of = (runId: RunId) => all.filter((cell) => cell.runId === runId);
  // Less than was wanted, when examples were erased meanwhile.
  const { done } = tally.read();
  await comparisons.complete(id, compareRuns(of(a.id), of(b.id), { scorers: comparison.scorers }), {
    total: done,
    erased,
  });
  feed.publish({ type: 'comparisons', project, id, done, total: done, status: 'completed' });
}

const reasonOf = (error: unknown) =>
  error instanceof WheelhouseError ? `${error.message} ${error.hint}` : "The run failed; the server's log says why.";

const givenUpReason =
  'It was given up: several times in a row the server ended before it had recorded one more answer. Start it again.';

const isFinished = (comparison: Comparison) => comparison.status === 'completed' || comparison.status === 'failed';

/**
 * Runs the comparisons that {@link createEvalHandlers} queues. Each cell is recorded before it counts, so that a run that
 * was cut off goes on where it stopped and repeats no recorded call; a store that is away is waited for.
 */
export async function startEvalWorker(deps: WorkerDeps): Promise<void> {
  const { feed, jobs, log } = deps;

  async function fail(
    { comparisons, project }: Pick<ProjectDeps, 'comparisons' | 'project'>,
    comparison: Comparison,
    reason: string,
  ): Promise<void> {
    const { id } = comparison;
    await comparisons.setStatus(id, 'failed', reason);
    const { done, total } = (await comparisons.get(project, id)) ?? comparison;
    feed.publish({ type: 'comparisons', project, id, done, total, status: 'failed' });
  }

  async function work(payload: object, signal: CancelSignal): Promise<void> {
    const { project, comparisonId, recorded: before } = payload as ComparisonJob;
    const waiting: ProjectDeps = {
      ...deps,
      project,
      runner: deps.runnerOf(project),
      comparisons: patient(deps.comparisons, signal),
      cells: patient(deps.cells, signal),
      datasets: patient(deps.datasets, signal),
      examples: patient(deps.examples, signal),
    };
    const comparison = await waiting.comparisons.get(project, comparisonId);
    if (!comparison || isFinished(comparison)) return;
    const recorded = await waiting.cells.ofRuns(project, [comparison.a.id, comparison.b.id]);
    if (recorded.length > before) {
      // A run that gets on has its attempts anew: only what ends the server each time is to be given up.
      const job: ComparisonJob = { project, comparisonId, recorded: recorded.length };
      return jobs.enqueue(comparisonQueue, job);
    }
    try {
      await run(waiting, comparison, { recorded, signal });
    } catch (error) {
      if (signal.aborted) throw error;
      log.error({ err: error, comparison: comparisonId }, 'a comparison failed');
      await fail(waiting, comparison, reasonOf(error));
    }
  }

  async function givenUp(payload: object): Promise<void> {
    const { project, comparisonId } = payload as ComparisonJob;
    const comparison = await deps.comparisons.get(project, comparisonId);
    if (!comparison || isFinished(comparison)) return;
    log.error({ comparison: comparison.id }, 'a comparison was given up');
    await fail({ comparisons: deps.comparisons, project }, comparison, givenUpReason);
  }

  await jobs.work(comparisonQueue, work, { givenUp });
}
