import { isJsonObject, type Json, type JsonObject, WheelhouseError } from '../../../records/index.ts';
import type { FindVersion } from '../../flavor.ts';
import { renderTemplate } from '../../template/render-template.ts';
import { isText } from './compile-prompt.ts';
import type { PromptDefinition } from './definition.ts';
import { type ResolvedPart, resolveParts } from './resolve-parts.ts';

function placed(name: string, input: JsonObject): JsonObject[] {
  const given: Json = Object.hasOwn(input, name) ? (input[name] as Json) : [];
  if (Array.isArray(given) && given.every((message) => isJsonObject(message) && typeof message.role === 'string'))
    return given as JsonObject[];
  throw new WheelhouseError('signature_mismatch', `\`${name}\` takes a list of messages, each with a \`role\`.`, {
    param: `variables.${name}`,
  });
}

function renderPart({ part, partials }: ResolvedPart, input: JsonObject): JsonObject[] {
  if (part.kind === 'placeholder') return placed(part.name, input);
  if (part.kind === 'examples')
    return part.examples.flatMap((example) => [
      { role: 'user', content: renderTemplate(part.user, example.input, { partials }) },
      { role: 'assistant', content: example.answer },
    ]);
  const { role, content } = part;
  if (isText(content)) return [{ role, content: renderTemplate(content, input, { partials }) }];
  const pieces = content.map((piece) =>
    piece.kind === 'text'
      ? { type: 'text', text: renderTemplate(piece.text, input, { partials }) }
      : { type: 'image_url', image_url: { url: renderTemplate(piece.url, input, { partials }) } },
  );
  return [{ role, content: pieces }];
}

/** The messages of a prompt with these variables. */
export function renderPrompt(definition: PromptDefinition, input: JsonObject, find: FindVersion): JsonObject[] {
  return resolveParts(definition, find).flatMap((part) => renderPart(part, input));
}
