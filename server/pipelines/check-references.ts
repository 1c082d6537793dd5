import { measureNamesOf, type NamedScorer, parseGate, scorerLabel, scorersMeant } from '@wheelhouse/core/eval';
import {
  allocationProblem,
  type Caller,
  type PipelineDefinition,
  type PipelineStep,
  WheelhouseError,
} from '@wheelhouse/core/records';
import type { Call } from './calls.ts';

/** What is wrong with a part of a definition, with the part's name before it. */
async function within(param: string, part: string, check: () => unknown): Promise<void> {
  try {
    await check();
  } catch (error) {
    if (!(error instanceof WheelhouseError) || error.status >= 500) throw error;
    throw new WheelhouseError('invalid_request', `${part}: ${error.message}`, {
      param,
      hint: error.hint,
      cause: error,
    });
  }
}

function checkGates(step: Extract<PipelineStep, { do: 'evaluate' }>): void {
  const labels = step.scorers.flatMap((scorer) =>
    scorersMeant(scorer as string | NamedScorer).map((one) => scorerLabel(one, (ref) => ref)),
  );
  const measures = measureNamesOf(labels);
  for (const gate of step.gates) parseGate(gate, measures);
}

function checkShare({ allocation = null, share, steps }: Extract<PipelineStep, { do: 'release' }>): void {
  const problem = allocation && allocationProblem(allocation, { share, hasSteps: steps !== null, listens: false });
  if (problem !== null) throw new WheelhouseError('invalid_request', problem);
}

async function checkStep(call: Call, by: Caller, step: PipelineStep): Promise<void> {
  const dataset = 'dataset' in step ? step.dataset : null;
  if (dataset !== null) {
    const found = await call(by, 'getDataset', { params: { name: dataset } });
    if (step.do === 'dataset' && step.from === 'recipe' && found.dataset.recipe === null)
      throw new WheelhouseError('conflict', `\`${dataset}\` has no recipe.`, {
        hint: `PUT /api/v1/datasets/${dataset}/recipe says how it is made.`,
      });
  }
  if (step.do === 'dataset' && step.queue !== null) await call(by, 'getReviewQueue', { params: { queue: step.queue } });
  if (step.do === 'release' && step.examples !== null)
    await call(by, 'getDataset', { params: { name: step.examples.dataset } });
  if (step.do === 'evaluate') checkGates(step);
  if (step.do === 'release') checkShare(step);
}

/**
 * Whether everything that a definition names is there.
 * @throws WheelhouseError `invalid_request` that names the step or the trigger
 */
export async function checkReferences(call: Call, by: Caller, definition: PipelineDefinition): Promise<void> {
  await within('model', 'model', () => call(by, 'getModel', { params: { name: definition.model } }));
  for (const [at, step] of definition.steps.entries())
    await within(`steps.${at}`, `The step \`${step.name}\``, () => checkStep(call, by, step));
  for (const [at, trigger] of definition.triggers.entries())
    await within(`triggers.${at}`, `The trigger \`${trigger.on}\``, async () => {
      if (trigger.on === 'alert') await call(by, 'getMonitor', { params: { monitor: trigger.monitor } });
      if (trigger.on === 'labels') await call(by, 'getReviewQueue', { params: { queue: trigger.queue } });
    });
}
