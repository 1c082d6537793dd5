import { isJsonObject, type Json, type JsonObject, WheelhouseError } from '../../records/index.ts';
import type { FindVersion } from '../flavor.ts';
import {
  isText,
  type PromptDefinition,
  promptDefinition,
  type ResolvedPart,
  resolveParts,
} from '../flavors/prompt/index.ts';
import { renderTemplate } from '../template/render-template.ts';
import { flatTemplate, literalTemplate } from '../template/write-template.ts';

type ChatItem = { role: string; content: string } | { type: 'placeholder'; name: string };

/** What Langfuse's API says of a prompt, as far as it decides what is sent. `config` holds `model` and its parameters. */
export type LangfusePrompt = { config: JsonObject } & (
  | { type: 'text'; prompt: string }
  | { type: 'chat'; prompt: ChatItem[] }
);

const refuse = (message: string, param: string, hint?: string) =>
  new WheelhouseError('invalid_request', message, { param, ...(hint === undefined ? {} : { hint }) });

function itemOf({ part, partials }: ResolvedPart): ChatItem[] {
  if (part.kind === 'placeholder') return [{ type: 'placeholder', name: part.name }];
  if (part.kind === 'examples')
    return part.examples.flatMap(({ input, answer }) => [
      { role: 'user', content: literalTemplate(renderTemplate(part.user, input, { partials })) },
      { role: 'assistant', content: literalTemplate(answer) },
    ]);
  if (!isText(part.content))
    throw refuse(
      'A message of several parts has no word in Langfuse’s form.',
      'definition.messages',
      'Fetch this prompt from /api/v1/models.',
    );
  return [{ role: part.role, content: flatTemplate(part.content, partials) }];
}

/**
 * A prompt as Langfuse's clients take it: what it includes is written into it, since they look nothing up.
 * @throws WheelhouseError `invalid_request` where that form has no word for it
 */
export function toLangfusePrompt(definition: PromptDefinition, find: FindVersion): LangfusePrompt {
  const config: JsonObject = { model: definition.baseModel, ...definition.parameters };
  const items = resolveParts(definition, find).flatMap(itemOf);
  const [only] = items;
  if (definition.template !== undefined && only && 'content' in only)
    return { type: 'text', prompt: only.content, config };
  return { type: 'chat', prompt: items, config };
}

const composed = /@@@langfusePrompt:([^@]*?)@@@/g;

/** Langfuse's prompts in prompts are our partials. */
const withPartials = (text: string, rename: (name: string) => string): string =>
  text.replaceAll(composed, (whole, inner: string) => {
    const parts = new Map(
      inner.split('|').map((part): [string, string] => [part.split('=')[0] ?? '', part.slice(part.indexOf('=') + 1)]),
    );
    const name = parts.get('name');
    const version = parts.get('version') ?? parts.get('label') ?? 'production';
    return name === undefined ? whole : `{{>${rename(name)}@${version}}}`;
  });

const roles: Record<string, string> = { human: 'user', ai: 'assistant' };

function partOf(item: Json, param: string, rename: (name: string) => string): JsonObject {
  if (!isJsonObject(item)) throw refuse('A message is an object.', param);
  if (item.type === 'placeholder' && typeof item.name === 'string') return { placeholder: item.name };
  if (typeof item.role !== 'string' || typeof item.content !== 'string')
    throw refuse('A message has a `role` and text as `content`.', param);
  return { role: roles[item.role] ?? item.role, content: withPartials(item.content, rename) };
}

/** Members of `config` that are no parameters here. */
const reserved = ['model', 'messages', 'stream', 'variables'];

/**
 * A prompt out of Langfuse's API or its JSON.
 * @param options `baseModel`: where its config names no `model`; `rename`: what its prompts are called here
 * @throws WheelhouseError `invalid_request` that names the member
 */
export function fromLangfusePrompt(
  given: JsonObject,
  { baseModel, rename = (name) => name }: { baseModel: string; rename?: (name: string) => string },
): PromptDefinition {
  const config = isJsonObject(given.config) ? given.config : {};
  const parameters = Object.fromEntries(Object.entries(config).filter(([name]) => !reserved.includes(name)));
  const model = typeof config.model === 'string' && config.model !== '' ? config.model : baseModel;
  const { prompt } = given;
  if (typeof prompt !== 'string' && !Array.isArray(prompt))
    throw refuse('`prompt` is text or a list of messages.', 'prompt');
  const templates =
    typeof prompt === 'string'
      ? { template: withPartials(prompt, rename) }
      : { messages: prompt.map((item, i) => partOf(item, `prompt[${i}]`, rename)) };
  const read = promptDefinition.safeParse({ flavor: 'prompt', baseModel: model, parameters, ...templates });
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw refuse(`The prompt cannot be taken over: ${issue?.message}.`, issue?.path.join('.') ?? 'prompt');
}
