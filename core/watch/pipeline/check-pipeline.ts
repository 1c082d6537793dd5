import { type PipelineDefinition, type PipelineStep, WheelhouseError } from '../../records/index.ts';
import { nextOfSchedule } from './cron.ts';

const refuse = (param: string, message: string, hint: string) =>
  new WheelhouseError('invalid_request', message, { param, hint });

function checkStep(definition: PipelineDefinition, step: PipelineStep, at: number): void {
  const before = definition.steps.slice(0, at);
  const has = (kind: PipelineStep['do']) => before.some((one) => one.do === kind);
  const param = `steps.${at}`;
  if ((step.do === 'optimize' || step.do === 'evaluate') && step.dataset === null && !has('dataset'))
    throw refuse(
      param,
      `The step \`${step.name}\` has no dataset.`,
      'Name one in it, or put a step `dataset` before it.',
    );
  if (step.do === 'publish' && !has('optimize'))
    throw refuse(
      param,
      `The step \`${step.name}\` has nothing to publish.`,
      'Put a step `optimize` before it, or name a version in `candidate`.',
    );
  if ((step.do === 'evaluate' || step.do === 'release') && definition.candidate === null && !has('publish'))
    throw refuse(
      param,
      `The step \`${step.name}\` has no version to look at.`,
      'Name one in `candidate`, such as `staging`, or put a step `publish` before it.',
    );
}

/**
 * Whether each step finds what it needs in those before it.
 * @throws WheelhouseError `invalid_request` that names the step
 */
export function checkPipeline(definition: PipelineDefinition): void {
  const { alias, candidate, steps, triggers } = definition;
  for (const [at, step] of steps.entries()) {
    if (steps.findIndex(({ name }) => name === step.name) !== at)
      throw refuse(`steps.${at}`, `Two steps are called \`${step.name}\`.`, 'Give one of them another `name`.');
    checkStep(definition, step, at);
    if (step.do === 'publish' && step.alias === alias)
      throw refuse(
        `steps.${at}`,
        `The step \`${step.name}\` would move \`${alias}\` itself.`,
        'Leave `alias` out: a step `release` leads it to the version, watched.',
      );
    if (step.do === 'publish' && candidate !== null)
      throw refuse(
        `steps.${at}`,
        `The step \`${step.name}\` publishes a candidate, and \`candidate\` names another one.`,
        'Keep one of the two.',
      );
  }
  for (const [at, trigger] of triggers.entries()) {
    const key = triggerKey(trigger);
    if (triggers.findIndex((one) => triggerKey(one) === key) !== at)
      throw refuse(`triggers.${at}`, 'The same trigger stands there twice.', 'Keep one of them.');
    if (trigger.on === 'schedule') nextOfSchedule(trigger.cron, 0);
  }
}

/** Tells triggers apart, so that one that stays keeps what it has seen. */
export const triggerKey = (trigger: PipelineDefinition['triggers'][number]): string => {
  switch (trigger.on) {
    case 'schedule':
      return `schedule ${trigger.cron}`;
    case 'alert':
      return `alert ${trigger.monitor}`;
    case 'labels':
      return `labels ${trigger.queue}`;
    default:
      return trigger.on;
  }
};
