import { type Subject, subjectOfModule, subjectOfVersion } from '@wheelhouse/core/optimize';
import type { AnyModule } from '@wheelhouse/core/program';
import { WheelhouseError } from '@wheelhouse/core/records';
import type { Client } from '../../client/index.ts';
import { loadVersion, valueChecker } from '../../model/index.ts';
import type { OptimizationDefinition } from './definition.ts';

/** @throws WheelhouseError `invalid_request`, and WheelhouseApiError `model_not_found` */
export async function subjectOf(
  { program, model, adapter }: OptimizationDefinition<never, never>,
  { client, signal }: { client: Client; signal: AbortSignal },
): Promise<Subject> {
  if (typeof program === 'string')
    return subjectOfVersion(await loadVersion(program, client, signal), { model, checker: valueChecker });
  if (model === undefined)
    throw new WheelhouseError('invalid_request', 'Nothing says which model the program asks.', {
      param: 'model',
      hint: "Name it as an OpenAI client would: model: 'openai/gpt-4o-mini'",
    });
  return subjectOfModule(program as AnyModule, { model, adapter });
}
