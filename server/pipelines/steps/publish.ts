import { madeBefore, type StepOutcome } from '@wheelhouse/core/watch';
import type { AtWork } from '../calls.ts';

/** What an optimization found, as the next version of the model; published once, however often it is asked for. */
export async function workOnPublishing({ call, by, run, at, step }: AtWork<'publish'>): Promise<StepOutcome> {
  const { optimization = '' } = madeBefore(run, at);
  const params = { optimizationId: optimization };
  const { model } = run.definition;
  const { published: before } = await call(by, 'getOptimization', { params });
  const said = (version: number, heldBack: string | null): StepOutcome => ({
    kind: 'done',
    sentence: `${model}@${version} is published${heldBack === null ? '.' : `; \`${step.alias}\` stays: ${heldBack}`}`,
    output: { version },
  });
  if (before !== null && before.name === model && (step.alias === null || before.alias === step.alias))
    return said(before.version, null);
  const { published, heldBack } = await call(by, 'publishOptimization', {
    params,
    body: {
      name: model,
      alias: step.alias,
      breaking: step.breaking ?? false,
      message: `Pipeline ${run.pipeline}, run ${run.number}`,
    },
  });
  return said(published.version, heldBack?.message ?? null);
}
