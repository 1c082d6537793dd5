import type { IncomingHttpHeaders } from 'node:http';
import { editJsonObject, isJsonObject, type Json, type JsonObject, WheelhouseError } from '@wheelhouse/core/records';
import { parseBody } from './read-body.ts';
import { readVariables } from './variables-header.ts';

const variablesOf = (body: JsonObject): JsonObject => (isJsonObject(body.variables) ? body.variables : {});

/** The request with the variables that came in a header; those of the body win. */
export function withVariables(text: string, headers: IncomingHttpHeaders): string {
  const given = readVariables(headers);
  if (given === null) return text;
  const variables = { ...given, ...variablesOf(parseBody(text)) };
  return editJsonObject(text, new Map([['variables', JSON.stringify(variables)]]));
}

/** Whether it may name a stored prompt; told apart by reading it. */
const mayName = /"prompt"\s*:\s*\{/;

function plainValue(name: string, value: Json): Json {
  if (!isJsonObject(value) || typeof value.type !== 'string') return value;
  if (value.type === 'input_text' && typeof value.text === 'string') return value.text;
  throw new WheelhouseError('unsupported_by_model', `The variable \`${name}\` is a part of type ${value.type}.`, {
    param: `prompt.variables.${name}`,
    hint: 'Variables of a registered model are JSON; send pictures and files in `input`.',
  });
}

/**
 * A request of OpenAI's responses that names a stored prompt, `prompt: {id, version, variables}`, as one of the registered
 * model of that name, whose own base model answers. What is registered nowhere here is left to the vendor.
 */
export function withOwnPrompt(text: string, isRegistered: (name: string) => boolean): string {
  if (!mayName.test(text)) return text;
  const body = parseBody(text);
  const { prompt } = body;
  if (!isJsonObject(prompt) || typeof prompt.id !== 'string') return text;
  const { id, version } = prompt;
  const at = id.lastIndexOf('@');
  if (!isRegistered(at > 0 ? id.slice(0, at) : id)) return text;
  const tagged = typeof version === 'string' || typeof version === 'number' ? `${id}@${version}` : id;
  const variables = { ...variablesOf(body) };
  for (const [name, value] of Object.entries(isJsonObject(prompt.variables) ? prompt.variables : {}))
    variables[name] = plainValue(name, value);
  const edits = new Map([
    ['model', JSON.stringify(tagged)],
    ['variables', JSON.stringify(variables)],
    ['prompt', null],
  ]);
  return editJsonObject(text, edits);
}
