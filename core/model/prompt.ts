import type { SchemaChecker } from '../ports/index.ts';
import {
  contentHash,
  type JsonObject,
  type JsonSchema,
  type ModelDefinition,
  type PromptDefinition,
  type PromptMessage,
  type Signature,
  WheelhouseError,
} from '../records/index.ts';
import { renderTemplate, templateVariables } from './template.ts';

/** Each variable of the templates, a required string; the answer, text. */
export function inferSignature(definition: PromptDefinition): Signature {
  const names = new Set(definition.messages.flatMap((m) => templateVariables(m.content)));
  const properties: JsonObject = {};
  for (const name of names) properties[name] = { type: 'string' };
  return { input: { type: 'object', properties, required: [...names] }, output: { type: 'string' } };
}

/** Templates that parse, and a signature that declares every variable that they read. */
export function checkPrompt(definition: PromptDefinition, signature: Signature): void {
  const declared = signature.input.properties as JsonObject | undefined;
  for (const message of definition.messages)
    for (const name of templateVariables(message.content))
      if (!declared || !Object.hasOwn(declared, name))
        throw new WheelhouseError(
          'invalid_request',
          `The template reads {{${name}}}, which the signature does not declare.`,
          {
            param: 'signature.input.properties',
            hint: `Add \`${name}\` to signature.input.properties, or leave the signature out to have it inferred.`,
          },
        );
}

/** Covers what decides the answer: definition and signature. */
export const versionHash = (definition: ModelDefinition, signature: Signature): string =>
  contentHash({ definition, signature } as unknown as JsonObject);

function checkVariables(schema: JsonSchema, variables: JsonObject, name: string, checker: SchemaChecker): void {
  const problem = checker.check(schema, variables);
  if (problem === null) return;
  const wanted = Object.keys((schema.properties as JsonObject | undefined) ?? {});
  throw new WheelhouseError('signature_mismatch', `The variables do not fit the signature of ${name}: ${problem}.`, {
    param: 'variables',
    hint: wanted.length
      ? `Send \`variables\` with ${wanted.map((w) => `\`${w}\``).join(', ')} beside \`messages\`.`
      : 'This model takes no variables; leave `variables` out.',
  });
}

/**
 * The model's own messages with the variables in place.
 * @param name for the error, for example `support-bot@2`
 * @throws WheelhouseError `signature_mismatch`
 */
export function renderPrompt(
  version: { definition: PromptDefinition; signature: Signature },
  variables: JsonObject,
  options: { name: string; checker: SchemaChecker },
): PromptMessage[] {
  checkVariables(version.signature.input, variables, options.name, options.checker);
  return version.definition.messages.map((m) => ({ role: m.role, content: renderTemplate(m.content, variables) }));
}
