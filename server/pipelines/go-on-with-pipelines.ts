import {
  type ActingCaller,
  type CancelSignal,
  type Clock,
  type DuePipeline,
  type DueRun,
  type LiveFeed,
  type PipelineStore,
  type Random,
  workOnDue,
} from '@wheelhouse/core/ports';
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
  asksForCallers,
  beginStep,
  candidateOf,
  freshSteps,
  lookAtTriggers,
  type StepOutcome,
  stepAt,
  stopRun,
} from '@wheelhouse/core/watch';
import { fixVersions } from './begin-run.ts';
import { readSigns, type SignDeps } from './read-signs.ts';
import { stopStep, workOnStep } from './work-on-step.ts';

export type PipelineWorkDeps = SignDeps & {
  pipelines: PipelineStore;
  /** What they may do now in whose name something runs; null: nothing any more. */
  rightsOf(project: ProjectId, acting: ActingCaller): Promise<ActingCaller | null>;
  feed: Pick<LiveFeed, 'publish'>;
  clock: Clock;
  random: Random;
  log: { error(details: object, message: string): void; warn(details: object, message: string): void };
};

/** So long nobody else goes on with a run; what a server was doing that is killed waits for it. */
const holdMs = 10_000;
const lookEveryMs = 5_000;
const atOnce = 20;
const hourMs = 3_600_000;

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

async function begin(deps: PipelineWorkDeps, by: Caller, run: PipelineRun, nowMs: number): Promise<Next> {
  try {
    const versions = await fixVersions(deps.call, by, run);
    if (typeof versions === 'string') return notBegun(run, { kind: 'held_back', sentence: versions }, nowMs);
    return { run: { ...run, ...versions }, dueMs: nowMs };
  } catch (error) {
    return notBegun(run, failed(error), nowMs);
  }
}

/** Begins a step; whoever is asked is told why callers may fail with what they say yes to. */
async function beginAt(
  { call }: Pick<PipelineWorkDeps, 'call'>,
  { by, run, at, nowMs }: { by: Caller; run: PipelineRun; at: number; nowMs: number },
): Promise<Next> {
  if (!asksForCallers(run, at)) return { run: beginStep(run, { at, nowMs }), dueMs: nowMs };
  try {
    const query = { from: String(run.baseline), to: String(candidateOf(run)) };
    const { changes } = await call(by, 'diffVersions', { params: { name: run.definition.model }, query });
    const breaking = changes.flatMap((change) => (change.breaking ? [change.text] : []));
    return { run: beginStep(run, { at, nowMs, breaking }), dueMs: nowMs };
  } catch (error) {
    return afterStep(run, failed(error), { at, nowMs });
  }
}

/** One move of a run: what is written before anything is started, or what became of what was started. */
async function move(deps: PipelineWorkDeps, due: DueRun, nowMs: number): Promise<Next & { acting: ActingCaller }> {
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
  if (run.steps[at]?.state === 'to_do') return { ...(await beginAt(deps, { by, run, at, nowMs })), acting };
  const outcome = await workOnStep({ call: deps.call, by, run, at, nowMs }, deps.log);
  return { ...afterStep(run, outcome, { at, nowMs }), acting };
}

/** Goes on with a run until it waits for something or has ended. */
async function goOn(deps: PipelineWorkDeps, first: DueRun, stopping: CancelSignal): Promise<void> {
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
async function look(deps: PipelineWorkDeps, due: DuePipeline): Promise<void> {
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
 * Starts runs whose triggers fire, and goes on with those that are due. Servers share this by holds in the store. Before a step
 * starts something it is written that it begins, and each finds what it started, so that a server may be killed at any time.
 */
export async function goOnWithPipelines(deps: PipelineWorkDeps, stopping: CancelSignal): Promise<void> {
  const { pipelines, clock, log } = deps;
  const failed = (_: unknown, err: unknown) =>
    log.error({ err }, 'a pipeline cannot be looked after; tried again when its hold is over');
  const options = { holdMs, limit: atOnce };
  await workOnDue<DuePipeline>(
    { clock, claim: (nowMs) => pipelines.claimPipelines(nowMs, options), work: (due) => look(deps, due), failed },
    stopping,
  );
  await workOnDue<DueRun>(
    { clock, claim: (nowMs) => pipelines.claimRuns(nowMs, options), work: (due) => goOn(deps, due, stopping), failed },
    stopping,
  );
}
