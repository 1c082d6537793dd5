import {
  type Ask,
  askModels,
  calledName,
  createCellRecorder,
  createScorer,
  type JudgingWorld,
  judgesOf,
  runEvaluation,
} from '@wheelhouse/core/eval';
import type {
  CancelSignal,
  CellStore,
  Clock,
  DatasetStore,
  EvaluationCounts,
  EvaluationStore,
  ExampleStore,
  JobQueue,
  LiveFeed,
  SchemaChecker,
  Seat,
  Timer,
} from '@wheelhouse/core/ports';
import { type Evaluation, formatUsd, nanosPerMs, type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import { type ChunkSource, createChunkSource } from './chunk-source.ts';
import { type EvaluationJob, evaluationQueue } from './evaluation-queue.ts';
import type { KeptCells } from './kept-cells.ts';
import { tell } from './live-event.ts';
import { computeOutcome } from './outcome.ts';
import { storeByAndBy } from './store-by-and-by.ts';
import { patient } from './while-away.ts';

type WorkerDeps = {
  evaluations: EvaluationStore;
  cells: CellStore;
  datasets: Pick<DatasetStore, 'members'>;
  examples: Pick<ExampleStore, 'get'>;
  jobs: Pick<JobQueue, 'work' | 'enqueue'>;
  feed: Pick<LiveFeed, 'publish'>;
  clock: Clock;
  timer: Timer;
  checker: SchemaChecker;
  /** Where a kill does not reach what is not stored yet. */
  kept: KeptCells;
  /** What asks models, and what scorers ask, in the name of a project. */
  scoringOf(project: ProjectId): JudgingWorld;
  log: { error(fields: object, message: string): void };
};

/** For the evaluation of a project. */
type ProjectDeps = WorkerDeps & JudgingWorld & { project: ProjectId };

const progressEveryMs = 250;
/** Answers for each call under way that may wait for the store; more would only be more to read after a kill. */
const waitingPerCall = 4;
/** Cells that are handed to the store at a time after a kill. */
const cellsAtOnce = 500;
/** After so long, whoever waits for this worker gets a turn. */
const sliceNs = 20_000n * nanosPerMs;

export const isFinal = ({ status }: Pick<Evaluation, 'status'>): boolean =>
  status === 'completed' || status === 'failed' || status === 'stopped';

/** Computes what its cells say and stores it; the counts are those of the cells that are there. */
export async function completeEvaluation(
  deps: Pick<ProjectDeps, 'evaluations' | 'cells' | 'feed' | 'project'>,
  evaluation: Evaluation,
): Promise<void> {
  const { evaluations, cells, feed, project } = deps;
  const runs = evaluation.runs.map(({ id }) => id);
  const outcome = await computeOutcome(deps, { ...evaluation, runs });
  const { erased } = (await evaluations.get(project, evaluation.id)) ?? evaluation;
  const tally = await cells.tally(project, runs);
  await evaluations.complete(evaluation.id, outcome, { ...tally, erased });
  tell(feed, project, { ...evaluation, ...tally, total: tally.done, status: 'completed' });
}

/** How the work of a seat went on: to its end, until it was not to go on, or until others waited or the cap was reached. */
type End = 'rows done' | 'not to run' | 'others wait' | 'cap reached' | 'got on before';

/** Watches how far it is, four times a second, and whether it is to go on. */
function createWatch(deps: ProjectDeps, evaluation: Evaluation, { seat, source }: { seat: Seat; source: ChunkSource }) {
  const { evaluations, feed, project, timer, clock } = deps;
  const { capNanoUsd } = evaluation;
  const startedAt = clock.now();
  let end: End = 'rows done';
  let callOff = () => {};
  let isRunning = true;
  /** What was spent before, and by others. */
  let elsewhere = 0n;
  let underWay = 0;
  /** Answers that are not counted yet. */
  let uncounted = () => 0;

  /** Whether what is spent, and what the calls under way are likely to add, comes up to the cap. */
  function isSpent(): boolean {
    if (capNanoUsd === null) return false;
    const { costNanoUsd, calls } = source.spent();
    const expected = calls === 0 ? 0n : (costNanoUsd * BigInt(underWay + uncounted())) / BigInt(calls);
    return elsewhere + costNanoUsd + expected >= capNanoUsd;
  }

  function over(how: End): void {
    if (end === 'rows done') end = how;
    source.close();
  }

  async function look(): Promise<void> {
    const { costNanoUsd: here } = source.spent();
    const counts: EvaluationCounts | null = await evaluations.report(seat, source.open());
    if (counts === null) return over('not to run');
    const others = (counts.costNanoUsd ?? 0n) - here;
    elsewhere = others > 0n ? others : 0n;
    tell(feed, project, { ...evaluation, ...counts, status: 'running' });
    if (clock.now() - startedAt > sliceNs && (await evaluations.othersWait(seat.id))) over('others wait');
  }

  return {
    isOver(): boolean {
      if (end === 'rows done' && isSpent()) over('cap reached');
      return end !== 'rows done';
    },
    look,
    /** Counts what is under way. */
    ask(ask: Ask): Ask {
      return async (...question) => {
        underWay++;
        try {
          return await ask(...question);
        } finally {
          underWay--;
        }
      };
    },
    /** @param onError hears of what went wrong; then it ends. */
    start(open: () => number, onError: (error: unknown) => void): void {
      uncounted = open;
      const again = () => {
        callOff = timer.after(progressEveryMs, () => {
          look().then(() => isRunning && again(), onError);
        });
      };
      again();
    },
    stop(): End {
      isRunning = false;
      callOff();
      return end;
    },
  };
}

/** What a process that was killed had answered and not stored. */
async function storeLeft({ kept, cells, project }: ProjectDeps, id: Evaluation['id']): Promise<void> {
  const left = await kept.left(id);
  for (let from = 0; from < left.cells.length; from += cellsAtOnce)
    await cells.put(project, left.cells.slice(from, from + cellsAtOnce));
  await left.forget();
}

async function work(deps: ProjectDeps, evaluation: Evaluation, job: EvaluationJob, signal: CancelSignal): Promise<End> {
  const { evaluations, cells, project } = deps;
  const seat: Seat = { id: evaluation.id, turn: job.turn, seat: job.seat };
  const sat = await evaluations.sit(seat);
  if (sat === null) return 'not to run';
  await storeLeft(deps, evaluation.id);
  // A seat that gets on has its attempts anew: only what ends the server each time is to be given up.
  if (sat.recorded > job.recorded) {
    await deps.jobs.enqueue(evaluationQueue, { ...job, recorded: sat.recorded });
    return 'got on before';
  }
  const source = createChunkSource(deps, evaluation, { seat, sat });
  const watch = createWatch(deps, evaluation, { seat, source });
  const record = createCellRecorder((made) => cells.put(project, made));
  const keeping = deps.kept.begin(evaluation.id);
  let uncounted = 0;
  const taker = storeByAndBy({
    keep: keeping.keep,
    async store(cell) {
      uncounted++;
      await record(cell);
      uncounted--;
      await source.add(cell);
    },
    most: waitingPerCall * evaluation.concurrency,
  });
  const scorers = evaluation.scorers.map((label) => [label, createScorer(label, deps)] as const);
  let failure: { error: unknown } | null = null;
  await watch.look();
  watch.start(
    () => uncounted,
    (error) => {
      failure ??= { error };
      source.close();
    },
  );
  try {
    await runEvaluation(
      { ...deps, ask: watch.ask(askModels(deps.runner)) },
      {
        ...evaluation,
        rows: source.rows(),
        judges: judgesOf(scorers, deps),
        isFinished: source.isFinished,
        earlier: source.earlier,
        identityOf: calledName,
        isOver: () => failure !== null || watch.isOver(),
      },
      { signal, onCell: taker.take },
    );
    await taker.settled();
  } finally {
    watch.stop();
    await taker.settled().catch(() => {});
    await keeping.close();
  }
  if (failure !== null) throw (failure as { error: unknown }).error;
  // What was recorded last is counted, also when it is not to go on.
  await watch.look();
  return watch.stop();
}

const reasonOf = (error: unknown) =>
  error instanceof WheelhouseError ? `${error.message} ${error.hint}` : "The run failed; the server's log says why.";

const givenUpReason =
  'It was given up: several times in a row the server ended before it had recorded one more answer. Resume it to try again.';

const capReason = ({ capNanoUsd, done, total }: Evaluation) =>
  `It reached its cap of ${formatUsd(capNanoUsd)} after ${done} of ${total} answers. Resume it with a higher cap to go on.`;

/**
 * Runs the evaluations that {@link createEvalHandlers} queues, together with other servers: each job is a seat, and a seat
 * takes chunk after chunk of the rows. Each cell is in a file before its place is free, and stored before it counts, so that
 * work that was cut off goes on where it stopped and repeats no answered call; a store that is away is waited for.
 */
export async function startEvalWorker(deps: WorkerDeps): Promise<void> {
  const { jobs, log } = deps;

  async function end(
    { evaluations, feed, project }: Pick<ProjectDeps, 'evaluations' | 'feed' | 'project'>,
    { id, turn }: Pick<Evaluation, 'id' | 'turn'>,
    how: (now: Evaluation) => { status: 'stopped' | 'failed'; reason: string },
  ): Promise<void> {
    const now = await evaluations.get(project, id);
    if (!now) return;
    await evaluations.end(id, turn, how(now));
    const after = await evaluations.get(project, id);
    if (after) tell(feed, project, after);
  }

  async function run(waiting: ProjectDeps, evaluation: Evaluation, job: EvaluationJob, signal: CancelSignal) {
    const { evaluations, cells, project } = waiting;
    const how = await work(waiting, evaluation, job, signal);
    const now = await evaluations.get(project, job.evaluationId);
    // Answers may have come in while it was being removed.
    if (!now)
      return cells.removeRuns(
        project,
        evaluation.runs.map(({ id }) => id),
      );
    if (how === 'cap reached') return end(waiting, now, (it) => ({ status: 'stopped', reason: capReason(it) }));
    if (how === 'others wait') return jobs.enqueue(evaluationQueue, job);
    if (how === 'rows done' && !isFinal(now) && (await evaluations.isDone(now.id)))
      await completeEvaluation(waiting, now);
  }

  async function handle(payload: object, signal: CancelSignal): Promise<void> {
    const job = payload as EvaluationJob;
    const { project, evaluationId } = job;
    const waiting: ProjectDeps = {
      ...deps,
      project,
      ...deps.scoringOf(project),
      evaluations: patient(deps.evaluations, signal),
      cells: patient(deps.cells, signal),
      datasets: patient(deps.datasets, signal),
      examples: patient(deps.examples, signal),
    };
    const evaluation = await waiting.evaluations.get(project, evaluationId);
    if (!evaluation) await (await deps.kept.left(evaluationId)).forget();
    if (!evaluation || isFinal(evaluation) || evaluation.turn !== job.turn) return;
    try {
      await run(waiting, evaluation, job, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      log.error({ err: error, evaluation: evaluationId }, 'an evaluation failed');
      await end(waiting, { id: evaluationId, turn: job.turn }, () => ({ status: 'failed', reason: reasonOf(error) }));
    }
  }

  async function givenUp(payload: object): Promise<void> {
    const { project, evaluationId: id, turn } = payload as EvaluationJob;
    log.error({ evaluation: id }, 'an evaluation was given up');
    await end({ ...deps, project }, { id, turn }, () => ({ status: 'failed', reason: givenUpReason }));
  }

  await jobs.work(evaluationQueue, handle, { givenUp });
}
