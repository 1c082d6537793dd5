import {
  formatUsd,
  type PipelineDefinition,
  type PipelineOutput,
  type PipelineRun,
  type PipelineStepRun,
  parseUsd,
} from '../../records/index.ts';

/** What became of a step that was begun or looked at. */
export type StepOutcome = { sentence: string; output?: PipelineOutput; costNanoUsd?: string } & (
  | { kind: 'waits'; progress?: PipelineStepRun['progress']; etaSeconds?: number | null }
  | { kind: 'done' }
  /** It came to its end, and the end is a no. */
  | { kind: 'held_back' }
  /** `again`: it may go well another time. */
  | { kind: 'failed'; again: boolean }
);

const secondMs = 1_000;
/** How long is waited after each failure; behind the last one, nothing is tried any more. */
const backOffMs = [5 * secondMs, 30 * secondMs, 120 * secondMs, 600 * secondMs];
const lookAgainMs = 2 * secondMs;

export const freshSteps = ({ steps }: PipelineDefinition): PipelineStepRun[] =>
  steps.map((step) => ({
    ...{ name: step.name, do: step.do, state: 'to_do', attempts: 0, resumes: false, sentence: '', output: {} },
    ...{
      progress: null,
      etaSeconds: null,
      costNanoUsd: '0',
      startedAt: null,
      endedAt: null,
      decision: null,
      until: null,
    },
  }));

/** The step that it is at; -1: all are done. */
export const stepAt = ({ steps }: Pick<PipelineRun, 'steps'>): number =>
  steps.findIndex(({ state }) => state !== 'done');

const newestOf = <Key extends keyof PipelineOutput>(steps: readonly PipelineStepRun[], key: Key) =>
  steps.flatMap(({ output }) => (output[key] === undefined ? [] : [output[key]])).at(-1);

/** What the steps before one have made. */
export function madeBefore(run: PipelineRun, at: number): Pick<PipelineOutput, 'dataset' | 'optimization' | 'version'> {
  const before = run.steps.slice(0, at);
  const [dataset, optimization] = [newestOf(before, 'dataset'), newestOf(before, 'optimization')];
  const version = newestOf(before, 'version') ?? run.candidate ?? undefined;
  return {
    ...(dataset === undefined ? {} : { dataset }),
    ...(optimization === undefined ? {} : { optimization }),
    ...(version === undefined ? {} : { version }),
  };
}

/** The version that it is about; null: there is none yet. */
export const candidateOf = (run: PipelineRun): number | null => newestOf(run.steps, 'version') ?? run.candidate;

export const costOf = ({ steps }: Pick<PipelineRun, 'steps'>): bigint =>
  steps.reduce((sum, { costNanoUsd }) => sum + BigInt(costNanoUsd), 0n);

/** What a run may still cost, but for the step itself; null: there is no bound. */
export function leftFor(run: PipelineRun, at: number): bigint | null {
  if (run.definition.budget === null) return null;
  const others = run.steps.reduce((sum, { costNanoUsd }, i) => (i === at ? sum : sum + BigInt(costNanoUsd)), 0n);
  const left = parseUsd(run.definition.budget) - others;
  return left > 0n ? left : 0n;
}

const withStep = (run: PipelineRun, at: number, change: Partial<PipelineStepRun>): PipelineRun => ({
  ...run,
  steps: run.steps.map((step, i) => (i === at ? { ...step, ...change } : step)),
});

type At = { at: number; nowMs: number };
const isoOf = (ms: number) => new Date(ms).toISOString();

/** Whether a step is an approval, behind which the candidate is released to callers who may not be ready for it. */
export function asksForCallers(run: PipelineRun, at: number): boolean {
  const [step, ...behind] = run.definition.steps.slice(at);
  return (
    step?.do === 'approve' && candidateOf(run) !== null && behind.some((one) => one.do === 'release' && !one.breaking)
  );
}

/** Whether somebody said on the way to a step that callers are ready who may fail. */
export const isCallersReady = (run: PipelineRun, at: number): boolean =>
  run.steps.slice(0, at).some(({ decision }) => decision?.yes === true && decision.breaking === true);

/** A step begins: from now on something may have been started for it. */
export function beginStep(run: PipelineRun, { at, nowMs, breaking = [] }: At & { breaking?: string[] }): PipelineRun {
  const step = run.definition.steps[at];
  const asks = step?.do === 'approve';
  const warned = breaking.length === 0 ? '' : ` Callers may fail with it: ${breaking.join('; ')}.`;
  const sentence = asks ? `It asks for a yes of an ${step.role}.${warned}` : '';
  const change = { state: asks ? ('asks' as const) : ('running' as const), startedAt: isoOf(nowMs), sentence };
  const until = asks ? { until: isoOf(nowMs + step.hours * 3_600_000) } : {};
  const output = breaking.length === 0 ? {} : { output: { ...run.steps[at]?.output, breaking } };
  return {
    ...withStep(run, at, { ...change, ...until, ...output, attempts: 1 }),
    state: asks ? 'asks' : 'running',
    sentence: asks ? `${step.name} asks for a yes.` : `${run.steps[at]?.name} is under way.`,
  };
}

const end = (
  run: PipelineRun,
  state: 'done' | 'held_back' | 'failed' | 'stopped',
  sentence: string,
  nowMs: number,
) => ({
  ...{ ...run, state, sentence, stopping: null },
  endedAt: isoOf(nowMs),
});

/** What is written of a run when something became of the step that it is at, and when it is looked at next. */
export function afterStep(
  run: PipelineRun,
  outcome: StepOutcome,
  { at, nowMs }: At,
): { run: PipelineRun; dueMs: number } {
  const step = run.steps[at];
  if (step === undefined) return { run: end(run, 'done', 'It came to its end.', nowMs), dueMs: nowMs };
  const seen = {
    resumes: false,
    sentence: outcome.sentence,
    output: { ...step.output, ...outcome.output },
    costNanoUsd: outcome.costNanoUsd ?? step.costNanoUsd,
  };
  if (outcome.kind === 'waits') {
    const { progress = null, etaSeconds = null } = outcome;
    const goesOn = withStep(run, at, { ...seen, progress, etaSeconds });
    // Who is asked makes the run due with the answer.
    const dueMs = step.state === 'asks' && step.until !== null ? Date.parse(step.until) : nowMs + lookAgainMs;
    return { run: { ...goesOn, sentence: `${step.name}: ${outcome.sentence}` }, dueMs };
  }
  const backMs = backOffMs[step.attempts - 1];
  if (outcome.kind === 'failed' && outcome.again && backMs !== undefined) {
    const sentence = `${outcome.sentence} Tried again at ${isoOf(nowMs + backMs).slice(11, 19)} UTC.`;
    const goesOn = withStep(run, at, { ...seen, sentence, attempts: step.attempts + 1, resumes: true });
    return { run: { ...goesOn, sentence: `${step.name}: ${sentence}` }, dueMs: nowMs + backMs };
  }
  const ended = withStep(run, at, {
    ...seen,
    state: outcome.kind,
    endedAt: isoOf(nowMs),
    progress: null,
    etaSeconds: null,
  });
  if (outcome.kind !== 'done')
    return { run: end(ended, outcome.kind, `${step.name}: ${outcome.sentence}`, nowMs), dueMs: nowMs };
  const isLast = stepAt(ended) === -1;
  return {
    run: isLast
      ? end(ended, 'done', outcome.sentence, nowMs)
      : { ...ended, state: 'running', sentence: outcome.sentence },
    dueMs: nowMs,
  };
}

/** What an approval says now. */
export function lookAtApproval(step: PipelineStepRun, nowMs: number): StepOutcome {
  const { decision, until } = step;
  const note = decision?.note ? `: ${decision.note}` : '.';
  const ready = decision?.breaking ? ', also for callers who may fail' : '';
  if (decision?.yes) return { kind: 'done', sentence: `${decision.by} said yes${ready}${note}` };
  if (decision) return { kind: 'held_back', sentence: `${decision.by} said no${note}` };
  if (until !== null && Date.parse(until) <= nowMs)
    return { kind: 'held_back', sentence: 'Nobody answered in time, which is a no.' };
  return { kind: 'waits', sentence: step.sentence };
}

export function stopRun(run: PipelineRun, nowMs: number): PipelineRun {
  const at = stepAt(run);
  const by = run.stopping?.by ?? '';
  const why = run.stopping?.reason ? `: ${run.stopping.reason}` : '.';
  const step = run.steps[at];
  const stopped =
    step === undefined || step.state === 'to_do'
      ? run
      : withStep(run, at, { state: 'stopped', endedAt: isoOf(nowMs), sentence: 'It was stopped.' });
  return end(stopped, 'stopped', `${by} stopped it${why}`, nowMs);
}

/** Whether a run can go on where it was. */
export const isRetryable = ({ state }: PipelineRun): boolean => state === 'failed' || state === 'stopped';

/** A run that failed or was stopped goes on with the step that it was at. What that had made is taken up again. */
export function retryRun(run: PipelineRun): PipelineRun {
  const at = stepAt(run);
  const again = {
    state: 'to_do' as const,
    endedAt: null,
    decision: null,
    until: null,
    progress: null,
    etaSeconds: null,
  };
  const goesOn = run.steps[at] === undefined ? run : withStep(run, at, { ...again, attempts: 0, resumes: true });
  return { ...goesOn, state: 'running', sentence: 'It goes on.', endedAt: null, stopping: null };
}

/** Said where a run has no money left. */
export const budgetSpent = ({ definition: { budget } }: PipelineRun): string =>
  `The budget of ${formatUsd(parseUsd(budget ?? '0'))} for a run is spent.`;
