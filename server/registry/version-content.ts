import type { ParsedBody } from '@wheelhouse/core/contract';
import { checkVersion, type FlavorContext, flavorOf } from '@wheelhouse/core/model';
import type { SchemaChecker } from '@wheelhouse/core/ports';
import {
  type Json,
  type JsonObject,
  type LineageRef,
  lineageKinds,
  type ModelDefinition,
  type ModelVersion,
  parseLineageRef,
  type Signature,
  WheelhouseError,
} from '@wheelhouse/core/records';

/** What a version is, as far as whoever publishes it says. */
export type Content = Pick<ModelVersion, 'definition' | 'signature' | 'example' | 'madeFrom'>;

/** Members of a request that are not the version's to say. */
const reserved = ['model', 'messages', 'stream', 'variables'];

function checkParameters(definition: ModelDefinition): void {
  const { parameters } = definition as { parameters?: JsonObject };
  for (const name of reserved)
    if (parameters && Object.hasOwn(parameters, name))
      throw new WheelhouseError('invalid_request', `\`parameters.${name}\` cannot be a parameter.`, {
        param: `definition.parameters.${name}`,
        hint: 'Parameters are request members such as temperature or max_tokens.',
      });
}

function checkSchemas(signature: Signature, checker: SchemaChecker): void {
  for (const [side, schema] of Object.entries(signature)) {
    const problem = checker.checkSchema(schema);
    if (problem !== null)
      throw new WheelhouseError('invalid_request', `\`signature.${side}\` is not a JSON Schema: ${problem}.`, {
        param: `signature.${side}`,
      });
  }
}

function readSources(texts: string[]): LineageRef[] {
  for (const [i, text] of texts.entries())
    if (parseLineageRef(text) === null)
      throw new WheelhouseError('invalid_request', `\`${text}\` names nothing that a version is made from.`, {
        param: `madeFrom[${i}]`,
        hint: `Write a kind and an id, for example span:<trace>/<span>; kinds are ${lineageKinds.join(', ')}.`,
      });
  return texts as LineageRef[];
}

/**
 * What a request to publish says, with what it leaves to be inferred.
 * @throws WheelhouseError `invalid_request` that names the member
 */
export function contentOf(body: ParsedBody<'createVersion'>, context: FlavorContext): Content {
  const definition: ModelDefinition = body.definition;
  checkParameters(definition);
  const flavor = flavorOf(definition);
  const signature = { ...flavor.infer(definition, context), ...body.signature } as Signature;
  checkSchemas(signature, context.checker);
  checkVersion({ definition, signature }, context);
  const example = (body.example ?? null) as Json;
  if (example !== null) {
    const problem = context.checker.check(signature.input, example);
    if (problem !== null)
      throw new WheelhouseError('invalid_request', `The example does not fit the signature: ${problem}.`, {
        param: 'example',
      });
  }
  return { definition, signature, example, madeFrom: readSources(body.madeFrom) };
}
