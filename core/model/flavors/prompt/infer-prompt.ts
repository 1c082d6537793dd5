import {
  isJsonObject,
  type JsonObject,
  type JsonSchema,
  type Signature,
  WheelhouseError,
} from '../../../records/index.ts';
import type { FindVersion } from '../../flavor.ts';
import { outputOf } from '../../signature.ts';
import type { Template } from '../../template/parse-template.ts';
import { type TemplateVariable, templateVariables } from '../../template/template-variables.ts';
import { isText } from './compile-prompt.ts';
import type { PromptDefinition } from './definition.ts';
import { type ResolvedPart, resolveParts } from './resolve-parts.ts';

function templatesIn({ part }: ResolvedPart): Template[] {
  if (part.kind !== 'message') return [];
  if (isText(part.content)) return [part.content];
  return part.content.map((piece) => (piece.kind === 'text' ? piece.text : piece.url));
}

type Read = { variables: TemplateVariable[]; placeholders: string[] };

function readBy(definition: PromptDefinition, find: FindVersion): Read {
  const parts = resolveParts(definition, find);
  const variables: TemplateVariable[] = [];
  const placeholders: string[] = [];
  for (const resolved of parts) {
    const { part, partials } = resolved;
    for (const template of templatesIn(resolved)) variables.push(...templateVariables(template, partials));
    // The examples stand in the definition, so what their template reads is no variable; its partials have to be there.
    if (part.kind === 'examples') templateVariables(part.user, partials);
    if (part.kind === 'placeholder') placeholders.push(part.name);
  }
  return { variables, placeholders };
}

const messageList: JsonSchema = {
  type: 'array',
  items: { type: 'object', properties: { role: { type: 'string' } }, required: ['role'] },
};

/** Text where it is only written out; whatever it is where it is asked about, gone through or has members. */
const schemaOf = (uses: readonly TemplateVariable[]): JsonSchema =>
  uses.every(({ as, path }) => as === 'text' && path.length === 0) ? { type: 'string' } : {};

function groupedByName(variables: readonly TemplateVariable[]): Map<string, TemplateVariable[]> {
  const groups = new Map<string, TemplateVariable[]>();
  for (const variable of variables) {
    const group = groups.get(variable.name);
    if (group) group.push(variable);
    else groups.set(variable.name, [variable]);
  }
  return groups;
}

/**
 * The signature of a prompt by what its templates read, partials and included prompts too. A name that stands only in
 * sections may be a member of their items, so it may be left out.
 */
export function inferPrompt(definition: PromptDefinition, find: FindVersion): Signature {
  const { variables, placeholders } = readBy(definition, find);
  const properties = new Map<string, JsonObject>();
  const required = new Set<string>();
  for (const [name, uses] of groupedByName(variables)) {
    const outside = uses.filter(({ nested }) => !nested);
    properties.set(name, outside.length === 0 ? {} : schemaOf(uses));
    if (outside.length > 0) required.add(name);
  }
  for (const name of placeholders) {
    properties.set(name, messageList);
    required.add(name);
  }
  return {
    input: {
      type: 'object',
      properties: Object.fromEntries(properties),
      required: [...required],
      additionalProperties: false,
    },
    output: outputOf(definition.parameters),
  };
}

/** @throws WheelhouseError `invalid_request` */
export function checkPrompt(definition: PromptDefinition, signature: Signature, find: FindVersion): void {
  if (definition.template !== undefined && definition.messages !== undefined)
    throw new WheelhouseError('invalid_request', 'A prompt has `template` or `messages`, not both.', {
      param: 'definition.template',
    });
  const { properties } = signature.input;
  const declared = isJsonObject(properties) ? properties : {};
  const { variables, placeholders } = readBy(definition, find);
  const read = [...variables.filter(({ nested }) => !nested).map(({ name }) => name), ...placeholders];
  for (const name of read)
    if (!Object.hasOwn(declared, name))
      throw new WheelhouseError(
        'invalid_request',
        `The template reads {{${name}}}, which the signature does not declare.`,
        {
          param: 'signature.input.properties',
          hint: `Add \`${name}\` to signature.input.properties, or leave the signature out to have it inferred.`,
        },
      );
}
