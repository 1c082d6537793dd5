import { type JsonObject, type ModelVersion, WheelhouseError } from '../records/index.ts';
import type { DirectRequest, FlavorContext } from './flavor.ts';
import { flavorOf } from './flavors.ts';
import { checkInput } from './signature.ts';
import { withDefaults } from './with-defaults.ts';

/**
 * What a version that is one call of its base model says by itself, with the variables in place.
 * @param name for errors, for example `support-bot@2`
 * @throws WheelhouseError `signature_mismatch`
 */
export function ownRequest(
  version: Pick<ModelVersion, 'definition' | 'signature'>,
  variables: JsonObject,
  { name, ...context }: FlavorContext & { name: string },
): DirectRequest {
  const flavor = flavorOf(version.definition);
  if (flavor.runs !== 'direct')
    throw new WheelhouseError('internal', `${name} is of flavor ${flavor.name}, which is not one call.`);
  const input = checkInput(version.signature.input, variables, { name, checker: context.checker }) as JsonObject;
  const { messages, parameters } = flavor.request(version.definition, input, context);
  const { parameters: schema } = version.signature;
  return { messages, parameters: schema === undefined ? parameters : (withDefaults(schema, parameters) as JsonObject) };
}
