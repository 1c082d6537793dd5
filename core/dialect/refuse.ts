import type { Capabilities, ModelPart, ModelRequest } from '../ports/index.ts';
import type { JsonObject } from '../records/index.ts';
import { unsupportedMember } from './members.ts';

/** Members that change where an answer is kept or how soon it comes, never what it says: a vendor may do without. */
const hints = new Set(['store', 'prompt_cache_key', 'prompt_cache_retention', 'prompt_cache_options']);

/** For a dialect that many vendors speak, some of which refuse members that they do not know. */
export const withoutHints = (extra: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(extra).filter(([key]) => !hints.has(key)));

const partsOf = (parts: readonly ModelPart[]): ModelPart[] =>
  parts.flatMap((part) => (part.type === 'toolResult' ? [part, ...partsOf(part.parts)] : [part]));

function hasPart(request: ModelRequest, type: ModelPart['type']): boolean {
  return request.messages.some(({ parts }) => partsOf(parts).some((part) => part.type === type));
}

/** Whether the request asks for more than every model does of itself. */
const asks: Record<string, (request: ModelRequest) => boolean> = {
  image: (request) => hasPart(request, 'image'),
  audio: (request) => hasPart(request, 'audio'),
  file: (request) => hasPart(request, 'file'),
  tools: ({ tools }) => tools.length > 0,
  toolChoice: ({ toolChoice, tools }) => tools.length > 0 && toolChoice !== null && toolChoice.type !== 'auto',
  parallelToolCalls: ({ parallelToolCalls, tools }) => tools.length > 0 && parallelToolCalls === false,
  output: ({ output }) => output.type !== 'text',
  schema: ({ output }) => output.type === 'schema',
  temperature: ({ temperature }) => temperature !== null,
  topP: ({ topP }) => topP !== null,
  topK: ({ topK }) => topK !== null,
  stop: ({ stop }) => stop.length > 0,
  seed: ({ seed }) => seed !== null,
  frequencyPenalty: ({ frequencyPenalty }) => (frequencyPenalty ?? 0) !== 0,
  presencePenalty: ({ presencePenalty }) => (presencePenalty ?? 0) !== 0,
  logprobs: ({ logprobs }) => logprobs !== null,
  n: ({ n }) => (n ?? 1) !== 1,
  reasoning: ({ reasoning }) => reasoning !== null && reasoning.effort !== 'none',
  serviceTier: ({ serviceTier }) => serviceTier !== null && !['auto', 'default', 'standard'].includes(serviceTier),
};

export type Refusals = {
  capabilities: Capabilities;
  /** Members of ModelRequest that the dialect itself has no place for. */
  refuses: readonly string[];
  /** What of `extra` the dialect knows. */
  extra: ReadonlySet<string>;
};

/** @throws WheelhouseError `unsupported_by_model` by the first member that cannot be carried */
export function refuseUnsupported(request: ModelRequest, { capabilities, refuses, extra }: Refusals): void {
  for (const member of [...refuses, ...capabilities.refuses])
    if (asks[member]?.(request))
      throw unsupportedMember(member, `\`${request.model}\` cannot do what \`${member}\` asks.`);
  for (const member of Object.keys(request.extra))
    if (!extra.has(member) && !hints.has(member))
      throw unsupportedMember(member, `\`${member}\` has no counterpart in the dialect of \`${request.model}\`.`);
}
