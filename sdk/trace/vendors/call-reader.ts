import { type Content, inputTokens, type Json, type Message, outputTokens, type Usage } from '@wheelhouse/core/records';
import { readContent } from '@wheelhouse/core/trace';
import { jsonText } from '../json-text.ts';
import type { Attributes } from '../otel-types.ts';

/** What an answer says, beside its usage. */
export type AnswerFacts = {
  id: string | null;
  model: string | null;
  finishReasons: string[];
  output: Content | null;
  /** What the vendor says went wrong, in an answer that came. */
  error: string | null;
};

/** Folds one answer, streamed or whole. What it does not understand it passes over. */
export type AnswerFold = {
  /** One event of a stream; true when it carries something that the model said. */
  event(event: Loose): boolean;
  whole(answer: Loose): void;
  facts(): AnswerFacts;
};

/** What sets one endpoint of a vendor apart. */
export type CallReader = {
  /** `gen_ai.operation.name` */
  operation: 'chat' | 'text_completion' | 'embeddings';
  /** Members of the request that are content, not parameters. */
  content: ReadonlySet<string>;
  input(body: Loose): Content | null;
  userId(body: Loose): string | null;
  fold(): AnswerFold;
};

export type Loose = Record<string, unknown>;

export const loose = (value: unknown): Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {};
export const looseList = (value: unknown): Loose[] => (Array.isArray(value) ? value.map(loose) : []);
export const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
export const contentOf = (value: unknown, side: 'input' | 'output'): Content | null =>
  readContent(value as Json | undefined, side);

export function jsonAttribute(name: string, value: unknown): Attributes {
  const text = value === undefined || value === null ? null : jsonText(value);
  return text === null ? {} : { [name]: text };
}

/** A message of our normal form as the conventions write it. */
const wireMessage = ({ role, parts, name, finishReason }: Message) => ({
  role,
  parts: parts.map((part) => (part.type === 'other' ? part.value : part)),
  ...(name === undefined ? {} : { name }),
  ...(finishReason === undefined ? {} : { finish_reason: finishReason }),
});

export const messagesAttribute = (side: 'input' | 'output', content: Content | null): Attributes =>
  jsonAttribute(
    `gen_ai.${side}.messages`,
    content?.type === 'messages' ? content.messages.map(wireMessage) : content?.value,
  );

const renamed: Record<string, string> = {
  stop: 'stop_sequences',
  n: 'choice.count',
  max_completion_tokens: 'max_tokens',
  max_output_tokens: 'max_tokens',
};

/** The members of a request that are no content, as `gen_ai.request.*`; objects as JSON text. */
export function parameters(body: Loose, content: ReadonlySet<string>): Attributes {
  const attributes: Attributes = {};
  for (const [key, value] of Object.entries(body)) {
    if (content.has(key) || value === null || value === undefined) continue;
    const name = `gen_ai.request.${renamed[key] ?? key}`;
    if (key === 'stop') attributes[name] = [value].flat().map(String);
    else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      attributes[name] = value;
    else Object.assign(attributes, jsonAttribute(name, value));
  }
  return attributes;
}

/** The conventions count cached tokens as input and reasoning as output, and name most shares beside. */
function usageAttributes(usage: Usage | null): Attributes {
  if (usage === null) return {};
  const { counts } = usage;
  const shares = {
    'cache_read.input_tokens': counts.cacheRead,
    'cache_write.input_tokens': (counts.cacheWrite5m ?? 0) + (counts.cacheWrite1h ?? 0),
    'audio.input_tokens': counts.inputAudio,
    'image.input_tokens': counts.inputImage,
    'reasoning.output_tokens': counts.reasoning,
    'audio.output_tokens': counts.outputAudio,
  };
  return {
    ...(counts.cacheWrite1h ? { 'wheelhouse.usage.cache_write_1h.input_tokens': counts.cacheWrite1h } : {}),
    'gen_ai.usage.input_tokens': inputTokens(usage),
    'gen_ai.usage.output_tokens': outputTokens(usage),
    ...Object.fromEntries(
      Object.entries(shares).flatMap(([name, count]) => (count ? [[`gen_ai.usage.${name}`, count]] : [])),
    ),
  };
}

/** A request as attributes of the GenAI conventions. */
export function requestAttributes(reader: CallReader, body: Loose): Attributes {
  const user = reader.userId(body);
  return {
    ...parameters(body, reader.content),
    ...messagesAttribute('input', reader.input(body)),
    ...jsonAttribute('gen_ai.tool.definitions', body.tools ?? body.functions),
    ...(user === null ? {} : { 'user.id': user }),
  };
}

/** The fold of a vendor whose streams can be put together to what would have come whole. */
export function foldAssembled(
  read: (answer: Loose) => AnswerFacts,
  stream: { add(event: Loose): boolean; answer(): Loose },
): AnswerFold {
  let given: Loose | null = null;
  return {
    event: (event) => stream.add(event),
    whole(answer) {
      given = answer;
    },
    facts: () => read(given ?? stream.answer()),
  };
}

export const errorIn = (answer: Loose): string | null => {
  const error = loose(answer.error);
  return textOf(error.message) ?? textOf(error.code);
};

/** An answer as attributes of the GenAI conventions. */
export const answerAttributes = (facts: AnswerFacts, usage: Usage | null): Attributes => ({
  ...(facts.id === null ? {} : { 'gen_ai.response.id': facts.id }),
  ...(facts.model === null ? {} : { 'gen_ai.response.model': facts.model }),
  ...(facts.finishReasons.length === 0 ? {} : { 'gen_ai.response.finish_reasons': facts.finishReasons }),
  ...usageAttributes(usage),
  ...messagesAttribute('output', facts.output),
});
