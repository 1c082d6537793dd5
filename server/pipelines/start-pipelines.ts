import type { ActingCaller, Clock, DuePipeline, DueRun, LiveFeed, PipelineStore, Random } from '@wheelhouse/core/ports';
import {
  type Caller,
  idRandomBytes,
  newId,
  type PipelineRun,
  type ProjectId,
  WheelhouseError,
  wholeMs,
} from '@wheelhouse/core/records';
import {
  afterStep,
  beginStep,
  freshSteps,
  lookAtTriggers,
  type StepOutcome,
  stepAt,
  stopRun,
} from '@wheelhouse/core/watch';
import { fixVersions } from './begin-run.ts';
import { readSigns, type SignDeps } from './read-signs.ts';
import { stopStep, workOnStep } from './work-on-step.ts';

export type PipelineWorkerDeps = SignDeps & {
  pipelines: PipelineStore;
  /** What they may do now in whose name something runs; null: nothing any more. */
  rightsOf(project: ProjectId, acting: ActingCaller): Promise<ActingCaller | null>;
  feed: Pick<LiveFeed, 'publish'>;
  clock: Clock;
  random: Random;
  log: { error(details: object, message: string): void; warn(details: object, message: string): void };
};

const everyMs = 1_000;
/** So long nobody else goes on with a run; what a server was doing that is killed waits for it. */
const holdMs = 10_000;
const lookEveryMs = 5_000;
const atOnce = 20;
const hourMs = 3_600_000;

export type PipelineWorker = {
  /** Goes on with what is due, now. */
  run(): Promise<void>;
  stop(): Promise<void>;
};

type Next = { run: PipelineRun; dueMs: number };

const failed = (error: unknown): StepOutcome => {
  if (!(error instanceof WheelhouseError)) throw error;
  return { kind: 'failed', again: error.retryable, sentence: error.message };
};

/** Ends a run before its first step. */
function notBegun(run: PipelineRun, outcome: StepOutcome, nowMs: number): Next {
  if (outcome.kind === 'failed' && outcome.again)
    return { run: { ...run, sentence: outcome.sentence }, dueMs: nowMs + lookEveryMs };
  const state = outcome.kind === 'held_back' ? 'held_back' : 'failed';
  return { run: { ...run, state, sentence: outcome.sentence, endedAt: new Date(nowMs).toISOString() }, dueMs: nowMs };
}

async function begin(deps: PipelineWorkerDeps, by: Caller, run: PipelineRun, nowMs: number): Promise<Next> {
  try {
    const versions = await fixVersions(deps.call, by, run);
    if (typeof versions === 'string') return notBegun(run, { kind: 'held_back', sentence: versions }, nowMs);
    return { run: { ...run, ...versions }, dueMs: nowMs };
  } catch (error) {
    return notBegun(run, failed(error), nowMs);
  }
}

/** One move of a run: what is written before anything is started, or what became of what was started. */
async function move(deps: PipelineWorkerDeps, due: DueRun, nowMs: number): Promise<Next & { acting: ActingCaller }> {
  const { project, run, acting: kept } = due;
  const acting = await deps.rightsOf(project, kept);
  const at = stepAt(run);
  if (acting === null) {
    const sentence = `${kept.actor} may do nothing in this project any more. Somebody who may goes on with it by a retry.`;
    if (run.stopping !== null) return { run: stopRun(run, nowMs), dueMs: nowMs, acting: kept };
    return { ...afterStep(run, { kind: 'failed', again: false, sentence }, { at, nowMs }), acting: kept };
  }
  const by: Caller = { ...acting, project };
  if (run.stopping !== null) {
    if (run.baseline !== null) await stopStep({ call: deps.call, by, run, at, nowMs });
    return { run: stopRun(run, nowMs), dueMs: nowMs, acting };
  }
  if (run.baseline === null) return { ...(await begin(deps, by, run, nowMs)), acting };
  if (run.steps[at]?.state === 'to_do') return { run: beginStep(run, { at, nowMs }), dueMs: nowMs, acting };
  const outcome = await workOnStep({ call: deps.call, by, run, at, nowMs }, deps.log);
  return { ...afterStep(run, outcome, { at, nowMs }), acting };
}

/** Goes on with a run until it waits for something or has ended. */
async function goOn(deps: PipelineWorkerDeps, first: DueRun, stopping: AbortSignal): Promise<void> {
  let due: DueRun | null = first;
  while (due !== null && !stopping.aborted) {
    const nowMs = wholeMs(deps.clock.now());
    const next = await move(deps, due, nowMs);
    const goesOn = next.run.endedAt === null && next.dueMs <= nowMs;
    const heldUntilMs = goesOn ? nowMs + holdMs : 0;
    const written: DueRun | null = await deps.pipelines.record(due, { ...next, heldUntilMs });
    if (written !== null && JSON.stringify(next.run) !== JSON.stringify(due.run))
      deps.feed.publish({ type: 'pipelines', project: due.project, pipeline: next.run.pipeline, run: next.run.id });
    due = goesOn ? written : null;
  }
}

/** Whether the time between two runs that nobody starts by hand is over. */
const isRested = ({ pipeline, restedSince, isRunning }: DuePipeline, nowMs: number): boolean =>
  !isRunning && (restedSince === null || Date.parse(restedSince) + pipeline.definition.restHours * hourMs <= nowMs);

/** What its triggers have seen, and the run that follows. */
async function look(deps: PipelineWorkerDeps, due: DuePipeline): Promise<void> {
  const { project, pipeline, acting: kept } = due;
  const { definition } = pipeline;
  const acting = (await deps.rightsOf(project, kept)) ?? kept;
  const signs = await readSigns(deps, { ...acting, project }, definition);
  const nowMs = wholeMs(deps.clock.now());
  const { seen, cause } = lookAtTriggers(definition, { seen: due.seen, signs, nowMs });
  const pending = pipeline.pending ?? cause;
  const starts = pending !== null && isRested(due, nowMs);
  const run = starts
    ? {
        id: newId('plr', nowMs, deps.random.bytes(idRandomBytes)),
        ...{ cause: pending, definition, steps: freshSteps(definition), sentence: pending.sentence, acting },
      }
    : null;
  const started = await deps.pipelines.recordLook(due, { seen, pending, dueMs: nowMs + lookEveryMs, run, nowMs });
  if (started !== null) deps.feed.publish({ type: 'pipelines', project, pipeline: pipeline.name, run: started.id });
}

/**
 * Goes on with runs, and starts those whose triggers fire. Servers share this by holds in the store. Before a step starts
 * something it is written that it begins, and each finds what it started, so that a server may be killed at any time.
 */
export function startPipelines(deps: PipelineWorkerDeps): PipelineWorker {
  const { pipelines, clock, log } = deps;
  const stopping = new AbortController();
  let isFailing = false;

  async function each<Due>(all: Due[], work: (due: Due) => Promise<void>): Promise<void> {
    for (const due of all) {
      if (stopping.signal.aborted) return;
      await work(due).catch((err: unknown) => {
        if (!isFailing) log.error({ err }, 'a pipeline cannot be looked after; tried again when its hold is over');
        isFailing = true;
      });
    }
  }

  async function tick(): Promise<void> {
    try {
      const options = { holdMs, limit: atOnce };
      await each(await pipelines.claimPipelines(wholeMs(clock.now()), options), (due) => look(deps, due));
      await each(await pipelines.claimRuns(wholeMs(clock.now()), options), (due) => goOn(deps, due, stopping.signal));
      isFailing = false;
    } catch (err) {
      if (!isFailing && !stopping.signal.aborted) log.error({ err }, 'pipelines cannot be looked after; trying again');
      isFailing = true;
    }
  }

  let running: Promise<void> | null = null;
  function run(): Promise<void> {
    running ??= tick().finally(() => {
      running = null;
    });
    return running;
  }
  const timer = setInterval(run, everyMs).unref();

  return {
    run,
    async stop() {
      clearInterval(timer);
      stopping.abort(new Error('The server stops.'));
      await running;
    },
  };
}
