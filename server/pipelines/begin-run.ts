import { type Caller, type PipelineRun, WheelhouseError } from '@wheelhouse/core/records';
import type { Call } from './calls.ts';

type Begun = Pick<PipelineRun, 'baseline' | 'candidate'>;

/**
 * The versions that a run is about: aliases may move while it goes on, and what was judged is what is released.
 * @returns the sentence why there is nothing to do
 * @throws WheelhouseError `not_found` without the model, its alias or the candidate
 */
export async function fixVersions(
  call: Call,
  by: Caller,
  { definition }: Pick<PipelineRun, 'definition'>,
): Promise<Begun | string> {
  const { model: name, alias, candidate: wanted } = definition;
  const { model, versions } = await call(by, 'getModel', { params: { name } });
  const at = (of: string) => model.aliases.find((one) => one.alias === of)?.version;
  const baseline = at(alias);
  if (baseline === undefined)
    throw new WheelhouseError('not_found', `There is no \`${name}@${alias}\`.`, {
      hint: 'Move the alias to its first version by hand.',
    });
  if (wanted === null) return { baseline, candidate: null };
  const candidate = /^\d+$/.test(wanted) ? Number(wanted) : at(wanted);
  if (candidate === undefined || !versions.some(({ number }) => number === candidate))
    throw new WheelhouseError('not_found', `There is no \`${name}@${wanted}\`.`);
  if (candidate === baseline) return `${name}@${alias} is at version ${candidate} already.`;
  return { baseline, candidate };
}
