import type { FinishReason, ModelAnswer, ModelChoice, ModelPart } from '../../ports/index.ts';
import { isJsonObject, type Json, type JsonObject } from '../../records/index.ts';
import { readOpenAiUsage } from '../../trace/index.ts';
import type { AnswerFrame } from '../codec.ts';
import { readReasoning, writeReasoning } from './reasoning.ts';
import { writeChatUsage } from './usage.ts';

export const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
export const objectsOf = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isJsonObject) : []);
export const secondsOf = (value: unknown): number => (typeof value === 'number' && value > 0 ? Math.floor(value) : 0);

const finishes = new Map<string, FinishReason>([
  ['length', 'length'],
  ['max_tokens', 'length'],
  ['model_length', 'length'],
  ['tool_calls', 'toolCalls'],
  ['tool_use', 'toolCalls'],
  ['function_call', 'toolCalls'],
  ['content_filter', 'contentFilter'],
  ['safety', 'contentFilter'],
  ['error', 'error'],
  ['abort', 'error'],
  ['insufficient_system_resource', 'error'],
]);

/** Vendors have more words for an ordinary end than for any other; null while the answer goes on. */
export const readFinish = (reason: Json | undefined): FinishReason | null =>
  typeof reason === 'string' ? (finishes.get(reason.toLowerCase()) ?? 'stop') : null;

export const writeFinish = (reason: FinishReason): string =>
  reason === 'length'
    ? 'length'
    : reason === 'toolCalls'
      ? 'tool_calls'
      : reason === 'contentFilter' || reason === 'error'
        ? 'content_filter'
        : 'stop';

/** The stop sequence that ended it, which vLLM tells. */
export const stopSequenceOf = (choice: JsonObject): string | null => textOf(choice.stop_reason);

export const logprobsOf = (logprobs: Json | undefined): JsonObject[] | null => {
  if (!isJsonObject(logprobs)) return null;
  const found = [...objectsOf(logprobs.content), ...objectsOf(logprobs.refusal)];
  return found.length > 0 ? found : null;
};

/** Plain text, or a list of parts as Mistral's reasoning models answer. */
function contentParts(content: Json | undefined): ModelPart[] {
  const text = textOf(content);
  if (text !== null) return [{ type: 'text', text }];
  return objectsOf(content).flatMap((part): ModelPart[] => {
    const thought = objectsOf(part.thinking)
      .map((piece) => textOf(piece.text) ?? '')
      .join('');
    if (thought !== '') return [{ type: 'reasoning', text: thought, signature: null, redacted: null }];
    const said = textOf(part.text);
    return said === null ? [] : [{ type: 'text', text: said }];
  });
}

function callParts(message: JsonObject): ModelPart[] {
  const legacy = isJsonObject(message.function_call) ? [{ id: 'call_0', function: message.function_call }] : [];
  return [...objectsOf(message.tool_calls), ...legacy].flatMap((call: JsonObject, i): ModelPart[] => {
    const callee = isJsonObject(call.function) ? call.function : isJsonObject(call.custom) ? call.custom : null;
    const name = textOf(callee?.name);
    if (callee === null || name === null) return [];
    const given = callee.arguments ?? callee.input ?? '';
    // Ollama and others have answered with an object.
    const text = typeof given === 'string' ? given : JSON.stringify(given);
    return [{ type: 'toolCall', id: textOf(call.id) ?? `call_${i}`, name, arguments: text || '{}' }];
  });
}

function readChoice(choice: JsonObject, position: number): ModelChoice {
  const message = isJsonObject(choice.message) ? choice.message : {};
  const refusal = textOf(message.refusal);
  const parts: ModelPart[] = [
    ...readReasoning(message),
    ...contentParts(message.content),
    ...(refusal === null ? [] : [{ type: 'refusal' as const, text: refusal }]),
    ...callParts(message),
  ];
  const finish = readFinish(choice.finish_reason);
  const refused = finish === 'stop' && parts.some(({ type }) => type === 'refusal');
  return {
    index: typeof choice.index === 'number' ? choice.index : position,
    parts,
    finishReason: refused ? 'refusal' : finish,
    stopSequence: stopSequenceOf(choice),
    logprobs: logprobsOf(choice.logprobs),
  };
}

/** A `chat.completion` in normal form. */
export function readChatAnswer(body: JsonObject): ModelAnswer {
  return {
    id: textOf(body.id) ?? '',
    model: textOf(body.model) ?? '',
    created: secondsOf(body.created),
    choices: objectsOf(body.choices).map(readChoice),
    usage: readOpenAiUsage(body.usage),
    serviceTier: textOf(body.service_tier),
  };
}

export const joinedText = (parts: readonly ModelPart[], type: 'text' | 'refusal'): string =>
  parts.map((part) => (part.type === type ? part.text : '')).join('');

function writeMessage(parts: readonly ModelPart[]): JsonObject {
  const calls = parts.filter((part) => part.type === 'toolCall');
  return {
    role: 'assistant',
    content: parts.some(({ type }) => type === 'text') ? joinedText(parts, 'text') : null,
    refusal: joinedText(parts, 'refusal') || null,
    ...writeReasoning(parts),
    ...(calls.length === 0
      ? {}
      : {
          tool_calls: calls.map((call) => ({
            id: call.id,
            type: 'function',
            function: { name: call.name, arguments: call.arguments },
          })),
        }),
  };
}

export const tierOf = (tier: string | null): JsonObject =>
  tier !== null && ['auto', 'default', 'flex', 'scale', 'priority'].includes(tier) ? { service_tier: tier } : {};

export const chatIdOf = (frame: AnswerFrame): string => `chatcmpl-${frame.id}`;

/** A `chat.completion` as OpenAI's clients expect it. */
export function writeChatAnswer(answer: ModelAnswer, frame: AnswerFrame): JsonObject {
  return {
    id: chatIdOf(frame),
    object: 'chat.completion',
    created: answer.created || frame.created,
    model: frame.model,
    choices: answer.choices.map(({ index, parts, finishReason, logprobs }) => ({
      index,
      message: writeMessage(parts),
      logprobs: logprobs === null ? null : { content: logprobs, refusal: null },
      finish_reason: writeFinish(finishReason ?? 'stop'),
    })),
    ...(answer.usage === null ? {} : { usage: writeChatUsage(answer.usage) }),
    ...tierOf(answer.serviceTier),
  };
}
