import { type Content, isJsonObject, type JsonObject, type Message, type Part } from '../../records/index.ts';
import { type ChatResult, readPart } from '../../trace/index.ts';
import type { WireEvent } from '../codec.ts';
import { objectsOf, textOf } from '../openai-chat/answer.ts';
import { readOpenAiFailure } from '../openai-error.ts';
import { parseEvent } from '../parse-event.ts';
import { resultOf } from '../span-parts.ts';
import { readResponsesAnswer } from './answer.ts';

const refusal = (value: JsonObject): Part => ({
  type: 'other',
  value: { type: 'refusal', refusal: value.refusal ?? '' },
});

function partsOf(item: JsonObject): Part[] {
  if ((item.type ?? 'message') !== 'message') {
    const part = readPart(item);
    // Reasoning that shows nothing is sealed: nobody can read it.
    return item.type === 'reasoning' && part.type === 'other' ? [] : [part];
  }
  if (typeof item.content === 'string') return item.content === '' ? [] : [{ type: 'text', content: item.content }];
  return objectsOf(item.content).map((part) => (part.type === 'refusal' ? refusal(part) : readPart(part)));
}

function roleOf(item: JsonObject): string {
  if ((item.type ?? 'message') === 'message') return textOf(item.role) ?? 'user';
  return typeof item.type === 'string' && item.type.endsWith('_output') ? 'tool' : 'assistant';
}

/** Items of any kind as messages; those of one turn of the model are one. */
function messagesOf(items: readonly JsonObject[]): Message[] {
  const messages: Message[] = [];
  for (const item of items) {
    const [role, parts] = [roleOf(item), partsOf(item)];
    const last = messages.at(-1);
    if (role === 'assistant' && last?.role === role) last.parts.push(...parts);
    else messages.push({ role, parts });
  }
  return messages;
}

/** What a request for a response asks, with items that only OpenAI knows as they came. */
export function responsesContent({ instructions, input }: JsonObject): Content {
  const front = textOf(instructions);
  const asked = typeof input === 'string' ? [{ role: 'user', content: input }] : objectsOf(input);
  return {
    type: 'messages',
    messages: [
      ...(front === null ? [] : [{ role: 'system', parts: [{ type: 'text' as const, content: front }] }]),
      ...messagesOf(asked),
    ],
  };
}

const isEnded = ({ status }: JsonObject): boolean =>
  status === 'completed' || status === 'incomplete' || status === 'failed' || status === 'cancelled';

/** The response that the last event tells whole; null when a stream was cut before. */
export function responsesResult(events: readonly WireEvent[]): ChatResult | null {
  const last = parseEvent(events.at(-1)?.data ?? '');
  const response = isJsonObject(last?.response) ? last.response : last;
  if (response === null || response.object !== 'response' || !isEnded(response)) return null;
  const failed = (response.error ?? null) !== null;
  const error = failed ? readOpenAiFailure(0, { error: response.error ?? null }).message : null;
  const result = resultOf(readResponsesAnswer(response), error);
  const [message] = messagesOf(objectsOf(response.output));
  const [known] = result.messages;
  return { ...result, messages: known === undefined ? [] : [{ ...known, parts: message?.parts ?? [] }] };
}
