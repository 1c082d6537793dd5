import { type Caller, type PipelineRun, type PipelineStep, WheelhouseError } from '@wheelhouse/core/records';
import { lookAtApproval, type StepOutcome } from '@wheelhouse/core/watch';
import type { AtWork, Call } from './calls.ts';
import { stopDataset, workOnDataset } from './steps/dataset.ts';
import { stopEvaluation, workOnEvaluation } from './steps/evaluate.ts';
import { stopOptimization, workOnOptimization } from './steps/optimize.ts';
import { workOnPublishing } from './steps/publish.ts';
import { stopRelease, workOnRelease } from './steps/release.ts';

type Working<Kind extends PipelineStep['do']> = {
  /** Starts it, or takes up what it started, and says how it is. */
  work(work: AtWork<Kind>): Promise<StepOutcome>;
  stop(work: AtWork<Kind>): Promise<void>;
};

const nothing = async () => {};
const workings: { [Kind in Exclude<PipelineStep['do'], 'approve'>]: Working<Kind> } = {
  dataset: { work: workOnDataset, stop: stopDataset },
  optimize: { work: workOnOptimization, stop: stopOptimization },
  publish: { work: workOnPublishing, stop: nothing },
  evaluate: { work: workOnEvaluation, stop: stopEvaluation },
  release: { work: workOnRelease, stop: stopRelease },
};

/** What a person would say by hand, a pipeline says in its steps. */
const howToMeanIt =
  'Where they are ready, a step `approve` before it asks somebody who sees this, or the step says `breaking: true`.';

type At = { call: Call; by: Caller; run: PipelineRun; at: number; nowMs: number };

function placeOf({ call, by, run, at }: At) {
  const [step, own] = [run.definition.steps[at], run.steps[at]];
  if (step === undefined || own === undefined || step.do === 'approve') return null;
  const { work, stop } = workings[step.do] as Working<typeof step.do>;
  const place = { call, by, run, at, step, own } as AtWork<typeof step.do>;
  return { work: () => work(place), stop: () => stop(place) };
}

/** What becomes of a step now. What goes wrong is an outcome as well; nothing is thrown. */
export async function workOnStep(at: At, log: { error(details: object, message: string): void }): Promise<StepOutcome> {
  const own = at.run.steps[at.at];
  if (own?.state === 'asks') return lookAtApproval(own, at.nowMs);
  try {
    return (await placeOf(at)?.work()) ?? { kind: 'failed', again: false, sentence: 'There is no such step.' };
  } catch (error) {
    if (error instanceof WheelhouseError && error.param === 'breaking')
      return { kind: 'held_back', sentence: `${error.message} ${howToMeanIt}` };
    if (error instanceof WheelhouseError)
      return { kind: 'failed', again: error.retryable, sentence: `${error.message} ${error.hint}`.trim() };
    log.error({ err: error, run: at.run.id }, 'a step of a pipeline failed');
    return { kind: 'failed', again: true, sentence: 'It failed for a reason that is in the log of the server.' };
  }
}

/** Stops what the step has under way; what cannot be stopped has ended already. */
export async function stopStep(at: At): Promise<void> {
  try {
    await placeOf(at)?.stop();
  } catch (error) {
    if (!(error instanceof WheelhouseError) || error.retryable) throw error;
  }
}
