import { cellKey, compareRuns, runComparison, type ScorerName, scorers } from '@wheelhouse/core/eval';
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
} from '@wheelhouse/core/ports';
import {
  type Cell,
  type Comparison,
  type NanoUsd,
  nanosPerMs,
  type ProjectId,
  type RunId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { createCellRecorder } from './cell-recorder.ts';
import { type ComparisonJob, comparisonQueue } from './comparison-queue.ts';
import { allRows } from './comparison-rows.ts';
import { patient } from './while-away.ts';

type WorkerDeps = {
  comparisons: ComparisonStore;
  cells: CellStore;
  datasets: Pick<DatasetStore, 'members'>;
  examples: Pick<ExampleStore, 'get'>;
  jobs: Pick<JobQueue, 'work' | 'enqueue'>;
  feed: Pick<LiveFeed, 'publish'>;
  clock: Clock;
  runner: ModelRunner;
  project: ProjectId;
  log: { error(fields: object, message: string): void };
};

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

const isScorer = (name: string): name is ScorerName => Object.hasOwn(scorers, name);

function createProgress(
  { comparisons, feed, clock }: WorkerDeps,
  { id, total }: Comparison,
  tally: ReturnType<typeof createTally>,
) {
  let shownAt = clock.now();
  const show = async () => {
    shownAt = clock.now();
    const { done, cost } = tally.read();
    await comparisons.setProgress(id, done, cost);
    feed.publish({ type: 'comparisons', id, done, total, status: 'running' });
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
  deps: WorkerDeps,
  comparison: Comparison,
  { recorded, signal }: { recorded: Cell[]; signal: CancelSignal },
): Promise<void> {
  const { comparisons, cells, feed, project } = deps;
  const { id, a, b, total } = comparison;
  await comparisons.setStatus(id, 'running');
  const tally = createTally(recorded);
  const progress = createProgress(deps, comparison, tally);
  await progress.show();
  const record = createCellRecorder(cells, project);
  const names = comparison.scorers.filter(isScorer);
  await runComparison(
    deps,
    {
      a,
      b,
      rows: allRows(deps, comparison),
      scorers: names,
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
  await comparisons.complete(id, compareRuns(of(a.id), of(b.id), { scorers: names }));
  feed.publish({ type: 'comparisons', id, done: tally.read().done, total, status: 'completed' });
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
  const { feed, jobs, project, log } = deps;

  async function fail(comparisons: ComparisonStore, comparison: Comparison, reason: string): Promise<void> {
    const { id } = comparison;
    await comparisons.setStatus(id, 'failed', reason);
    const { done, total } = (await comparisons.get(project, id)) ?? comparison;
    feed.publish({ type: 'comparisons', id, done, total, status: 'failed' });
  }

  async function work(payload: object, signal: CancelSignal): Promise<void> {
    const { comparisonId, recorded: before } = payload as ComparisonJob;
    const waiting: WorkerDeps = {
      ...deps,
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
      const job: ComparisonJob = { comparisonId, recorded: recorded.length };
      return jobs.enqueue(comparisonQueue, job);
    }
    try {
      await run(waiting, comparison, { recorded, signal });
    } catch (error) {
      if (signal.aborted) throw error;
      log.error({ err: error, comparison: comparisonId }, 'a comparison failed');
      await fail(waiting.comparisons, comparison, reasonOf(error));
    }
  }

  async function givenUp(payload: object): Promise<void> {
    const comparison = await deps.comparisons.get(project, (payload as ComparisonJob).comparisonId);
    if (!comparison || isFinished(comparison)) return;
    log.error({ comparison: comparison.id }, 'a comparison was given up');
    await fail(deps.comparisons, comparison, givenUpReason);
  }

  await jobs.work(comparisonQueue, work, { givenUp });
}
