import type { FinishReason, ModelAnswer, ModelMessage, ModelPart } from '../ports/index.ts';
import type { Message, Part } from '../records/index.ts';
import { type ChatResult, jsonOrText } from '../trace/index.ts';
import { dataUrlOf } from './media.ts';

const words: Record<FinishReason, string> = {
  stop: 'stop',
  length: 'length',
  toolCalls: 'tool_calls',
  contentFilter: 'content_filter',
  refusal: 'refusal',
  pause: 'pause',
  error: 'error',
};

function mediaPart(part: Extract<ModelPart, { type: 'image' | 'audio' | 'file' }>): Part {
  const { type, source, mediaType, name } = part;
  if (type === 'image' && source.kind !== 'file') {
    const url = source.kind === 'url' ? source.url : dataUrlOf(source.data, mediaType ?? 'image/png');
    return { type: 'other', value: { type: 'image_url', image_url: { url } } };
  }
  return { type: 'other', value: { type, source, mediaType, name } };
}

function spanPart(part: ModelPart): Part {
  if (part.type === 'text') return { type: 'text', content: part.text };
  if (part.type === 'reasoning') return { type: 'reasoning', content: part.text };
  if (part.type === 'refusal') return { type: 'other', value: { type: 'refusal', refusal: part.text } };
  if (part.type === 'toolCall') {
    const given = part.arguments === '' ? {} : jsonOrText(part.arguments);
    return { type: 'tool_call', id: part.id, name: part.name, arguments: given };
  }
  if (part.type !== 'toolResult') return mediaPart(part);
  const [only] = part.parts;
  const plain = part.parts.length === 1 && only?.type === 'text';
  return { type: 'tool_call_response', id: part.id, response: plain ? only.text : part.parts.map(spanPart) };
}

const isShown = (part: ModelPart): boolean => part.type !== 'reasoning' || part.text !== '';
export const spanMessage = ({ role, parts, name }: ModelMessage): Message => ({
  role,
  parts: parts.filter(isShown).map(spanPart),
  ...(name === undefined ? {} : { name }),
});

/** What a span tells of an answer. */
export function resultOf({ id, model, choices, usage, serviceTier }: ModelAnswer, error: string | null): ChatResult {
  return {
    messages: choices.map(({ parts, finishReason }) => ({
      ...spanMessage({ role: 'assistant', parts }),
      ...(finishReason === null ? {} : { finishReason: words[finishReason] }),
    })),
    usage,
    responseId: id || null,
    responseModel: model || null,
    serviceTier,
    finishReasons: choices.flatMap(({ finishReason }) => (finishReason === null ? [] : [words[finishReason]])),
    error,
  };
}
