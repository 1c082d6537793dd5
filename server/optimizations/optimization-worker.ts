import {
  type CompileState,
  compile,
  createProgress,
  type Entry,
  namedMetric,
  type OptimizerName,
  optimizerOfData,
  recordedReport,
} from '@wheelhouse/core/optimize';
import type { CancelSignal, KeptAnswer, ModelRunner, OptimizationEnd } from '@wheelhouse/core/ports';
import {
  type Json,
  type JsonObject,
  type Optimization,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import type { WorkerDeps } from './deps.ts';
import { tell } from './live-event.ts';
import { type OptimizationJob, optimizationQueue } from './optimization-queue.ts';
import { compilersBudget, readSources } from './plan.ts';

type ProjectDeps = WorkerDeps & { project: ProjectId };

/** Searches that one server carries on at the same time; most of their time is waiting for models. */
const atOnce = 4;
const reportEveryMs = 1_000;
const answersAtOnce = 500;

/** The first of what is kept: of which compilation the answers are. */
const headKey = 'head';
type Head = Pick<CompileState, 'version' | 'plan'>;

/** Everything that was answered, as the compiler goes on from it; null: nothing was. */
async function readState(
  { optimizations }: Pick<WorkerDeps, 'optimizations'>,
  id: string,
): Promise<CompileState | null> {
  const lines: Json[] = [];
  for (let after = '0'; ; ) {
    const page = await optimizations.answers(id, { after, limit: answersAtOnce });
    lines.push(...page.map(({ entry }) => entry));
    const last = page.at(-1);
    if (!last || page.length < answersAtOnce) break;
    after = last.n;
  }
  const [head, ...entries] = lines;
  return head === undefined ? null : { ...(head as Head), entries: entries as unknown as Entry[] };
}

const otherRows =
  'The search would not be the same: rows were erased since, or this server reads its program in another way. Start another one.';
function reasonOf(error: unknown): string {
  if (!(error instanceof WheelhouseError)) return "The search failed; the server's log says why.";
  return error.param === 'state' ? otherRows : `${error.message} ${error.hint}`;
}

const givenUpReason =
  'It was given up: several times in a row the server ended before it had kept one more answer. Resume it to try again.';

/** Tells how far it is, once a second, and hears whether it is to go on. */
function createWatch(deps: ProjectDeps, { id, turn }: Optimization, callOff: () => void) {
  const { optimizations, feed, project, timer } = deps;
  const progress = createProgress();
  let failure: { error: unknown } | null = null;
  let isOver = false;
  let isChanged = false;
  let stopTimer = () => {};
  let underWay: Promise<void> = Promise.resolve();

  async function report(): Promise<void> {
    const now = progress.now();
    isChanged = false;
    if (!(await optimizations.report({ id, turn }, { progress: now, candidates: progress.news() }))) return callOff();
    if (!isOver) tell(feed, project, { id, state: 'running', progress: now });
  }
  const again = () => {
    stopTimer = timer.after(reportEveryMs, () => {
      underWay = report().catch((error: unknown) => {
        failure ??= { error };
        callOff();
      });
      void underWay.then(() => isOver || again());
    });
  };
  again();
  return {
    see: (event: Parameters<typeof progress.see>[0]) => {
      progress.see(event);
      isChanged = true;
    },
    now: progress.now,
    /** Writes what was not yet. @throws what telling came to */
    async close(): Promise<void> {
      isOver = true;
      stopTimer();
      await underWay;
      if (failure) throw failure.error;
      if (isChanged) await report();
    },
  };
}

/** Ends with the signal that is given, or when it is called off. */
function createCallOff(signal: CancelSignal) {
  const over = new AbortController();
  const follow = () => over.abort(signal.reason);
  if (signal.aborted) follow();
  else signal.addEventListener('abort', follow, { once: true });
  return {
    signal: over.signal,
    callOff: () => over.abort(new Error('It was called off.')),
    release: () => signal.removeEventListener('abort', follow),
  };
}

/** Its calls are of no user: they say of which search they are, as those of evaluations do. */
const callsOfRun = (runner: ModelRunner, id: string): ModelRunner => ({
  run: (model, input, options) =>
    runner.run(model, input, { ...options, run: { runId: id, exampleId: '', repetition: 0 } }),
});

/** What the search came to; null: it was called off, and whoever did that has said how it is. */
async function search(
  deps: ProjectDeps,
  optimization: Optimization,
  signal: CancelSignal,
): Promise<OptimizationEnd | null> {
  const { project, checker, clock } = deps;
  const { id, registered, dataset, datasetVersion, proposer, scorers, seed, concurrency, budget } = optimization;
  if (registered === null || dataset === null)
    throw new WheelhouseError('internal', 'An optimization of the server names a program and a dataset.');
  const { model } = optimization;
  const { subject, rows } = await readSources(deps, project, {
    ...{ registered, model, dataset, version: datasetVersion },
  });
  const optimizer = optimizerOfData(optimization.optimizer.name as OptimizerName, optimization.optimizer.options);
  const before = await readState(deps, id);
  const over = createCallOff(signal);
  const watch = createWatch(deps, optimization, over.callOff);
  const { runner: asking, sandbox, embedder } = deps.scoringOf(project);
  const runner = callsOfRun(asking, id);
  const world = { runner, sandbox, embedder, signal: over.signal };
  const keep = (answer: KeptAnswer) => deps.optimizations.keep(id, [answer]);
  try {
    const compiled = await compile<JsonObject, JsonObject>(
      subject.program,
      {
        train: rows.train,
        ...(rows.validation && { validation: rows.validation }),
        ...(rows.heldOut && { heldOut: rows.heldOut }),
        metric: namedMetric(scorers, { world, checker, metadata: rows.metadata }) as never,
        ...{ optimizer, seed, concurrency, budget: compilersBudget(budget) },
        ...(before === null ? {} : { state: before }),
        async onEvent(event, { version, plan }) {
          if (event.type === 'began' && before === null) await keep({ key: headKey, entry: { version, plan } });
          watch.see(event);
        },
        onAnswer: (entry) => keep({ key: entry.key, entry: entry as unknown as Json }),
      },
      {
        ...{ clock, ...(proposer === null ? {} : { proposer }) },
        world: { runner, sandbox, signal: over.signal, checker, model: subject.model, adapter: subject.adapter },
      },
    );
    if (signal.aborted) throw signal.reason;
    await watch.close();
    if (over.signal.aborted) return null;
    const { report } = compiled;
    const hasFailed = report.stopped.reason === 'failing' || report.stopped.reason === 'price_unknown';
    const isGain = report.verdict === 'gain';
    return {
      ...{ state: hasFailed ? 'failed' : 'done', error: hasFailed ? report.stopped.message : null },
      ...{ report: recordedReport(report), madeFrom: optimization.madeFrom },
      definition: isGain ? subject.publish(compiled.program, compiled.candidate) : null,
    };
  } catch (error) {
    await watch.close().catch(() => {});
    throw error;
  } finally {
    over.release();
  }
}

/**
 * Runs the optimizations that are queued. Each answer is stored before anything comes of it, and a search is repeated from its
 * answers: so work that was cut off anywhere goes on, on whichever server, as if it had not been, and asks nothing twice.
 */
export async function startOptimizationWorker(deps: WorkerDeps): Promise<void> {
  const { jobs, log, feed } = deps;

  async function end(
    { optimizations, project }: Pick<ProjectDeps, 'optimizations' | 'project'>,
    { id, turn }: Pick<Optimization, 'id' | 'turn'>,
    how: OptimizationEnd,
  ): Promise<void> {
    const ended = await optimizations.end({ id, turn }, how);
    if (ended) tell(feed, project, ended);
  }
  const failed = (error: string): OptimizationEnd => ({
    ...{ state: 'failed', error, report: null, definition: null, madeFrom: [] },
  });

  async function handle(payload: object, signal: CancelSignal): Promise<void> {
    const job = payload as OptimizationJob;
    const { project, id, turn } = job;
    const waiting: ProjectDeps = {
      ...{ ...deps, project },
      optimizations: deps.patient(deps.optimizations, signal),
      datasets: deps.patient(deps.datasets, signal),
      examples: deps.patient(deps.examples, signal),
    };
    const { optimizations } = waiting;
    if (!(await optimizations.begin({ id, turn }))) return;
    const kept = await optimizations.countAnswers(id);
    // A search that gets on has its attempts anew: only what ends the server each time is to be given up.
    if (kept > job.kept) return jobs.enqueue(optimizationQueue, { ...job, kept });
    const optimization = await optimizations.get(project, id);
    if (!optimization) return;
    tell(feed, project, optimization);
    try {
      const how = await search(waiting, optimization, signal);
      if (how) await end(waiting, optimization, how);
    } catch (error) {
      if (signal.aborted) throw error;
      log.error({ err: error, optimization: id }, 'an optimization failed');
      await end(waiting, optimization, { ...failed(reasonOf(error)), madeFrom: optimization.madeFrom });
    }
  }

  async function givenUp(payload: object): Promise<void> {
    const { project, id, turn } = payload as OptimizationJob;
    log.error({ optimization: id }, 'an optimization was given up');
    const now = await deps.optimizations.get(project, id);
    if (now) await end({ ...deps, project }, { id, turn }, { ...failed(givenUpReason), madeFrom: now.madeFrom });
  }

  await jobs.work(optimizationQueue, handle, { givenUp, atOnce });
}
