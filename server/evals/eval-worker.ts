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

type WorkerDeps = {
  comparisons: ComparisonStore;
  cells: CellStore;
  datasets: Pick<DatasetStore, 'members'>;
  examples: Pick<ExampleStore, 'get'>;
  jobs: Pick<JobQueue, 'work'>;
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

async function run(deps: WorkerDeps, comparison: Comparison, signal: CancelSignal): Promise<void> {
  const { comparisons, cells, feed, project } = deps;
  const { id, a, b, total } = comparison;
  await comparisons.setStatus(id, 'running');
  const recorded = await cells.ofRuns(project, [a.id, b.id]);
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

/** Whether trying the job again may help; otherwise the comparison has failed and says why. */
const isPassing = (error: unknown) => error instanceof WheelhouseError && error.code === 'store_unavailable';

const reasonOf = (error: unknown) =>
  error instanceof WheelhouseError ? `${error.message} ${error.hint}` : "The run failed; the server's log says why.";

/**
 * Runs the comparisons that {@link createEvalHandlers} queues. Each cell is recorded before it counts, so that a run that
 * was cut off goes on where it stopped and repeats no recorded call.
 */
export async function startEvalWorker(deps: WorkerDeps): Promise<void> {
  const { comparisons, feed, jobs, project, log } = deps;

  await jobs.work(comparisonQueue, async (payload, signal) => {
    const { comparisonId } = payload as ComparisonJob;
    const comparison = await comparisons.get(project, comparisonId);
    if (!comparison || comparison.status === 'completed' || comparison.status === 'failed') return;
    try {
      await run(deps, comparison, signal);
    } catch (error) {
      if (signal.aborted || isPassing(error)) throw error;
      log.error({ err: error, comparison: comparisonId }, 'a comparison failed');
      await comparisons.setStatus(comparisonId, 'failed', reasonOf(error));
      const { done, total } = (await comparisons.get(project, comparisonId)) ?? comparison;
      feed.publish({ type: 'comparisons', id: comparisonId, done, total, status: 'failed' });
    }
  });
}
