import type { Dialect } from '../ports/index.ts';
import { type Content, isJsonObject, type Json, type JsonObject } from '../records/index.ts';
import { type ChatResult, chatRequestContent, createChatFold } from '../trace/index.ts';
import { createAnswerFold } from './fold-answer.ts';
import { createChunkFeed } from './openai-chat/chunk-feed.ts';
import { responsesContent, responsesResult } from './openai-responses/exchange.ts';
import { parseEvent } from './parse-event.ts';
import { codecOf } from './registry.ts';
import { resultOf, spanMessage } from './span-parts.ts';
import { readSseEvents } from './sse.ts';
import { utf8Text } from './utf8.ts';

/** What a call asked, and what was answered, as its span keeps them, whatever the dialect was. */
export type Exchange = Asked & { result: ChatResult };

type Asked = { input: Content; params: JsonObject; toolDefinitions: Json };

export type ExchangeBytes = {
  dialect: Dialect;
  /** As the caller sent it. */
  request: JsonObject;
  /** As the vendor sent it, in its own dialect where that is another. */
  answer: Uint8Array;
  answerDialect?: Dialect;
  streamed: boolean;
};

/** Members that are no parameters, in any dialect. */
const notParams = new Set([
  'model',
  'modelId',
  'messages',
  'input',
  'prompt',
  'contents',
  'instructions',
  'system',
  'systemInstruction',
  'system_instruction',
  'tools',
  'stream',
  'stream_options',
]);

/** A request that the codec refuses is kept as it came: it may be good at its own vendor. */
function inputOf(dialect: Dialect, request: JsonObject): Content {
  if (dialect === 'openai-responses') return responsesContent(request);
  try {
    const { messages } = codecOf(dialect).readRequest({ model: '-', ...request });
    return { type: 'messages', messages: messages.map(spanMessage) };
  } catch {
    return { type: 'json', value: request };
  }
}

function askedOf(dialect: Dialect, request: JsonObject): Asked {
  if (dialect === 'openai-chat') return chatRequestContent(request);
  const inner = isJsonObject(request.toolConfig) ? (request.toolConfig.tools ?? null) : null;
  return {
    input: inputOf(dialect, request),
    params: Object.fromEntries(Object.entries(request).filter(([key]) => !notParams.has(key))),
    toolDefinitions: request.tools ?? inner,
  };
}

function readChat(bytes: Uint8Array, streamed: boolean): ChatResult {
  const fold = createChatFold();
  if (streamed) {
    const feed = createChunkFeed(fold);
    for (const { data } of readSseEvents(bytes)) feed.add(data);
    feed.end();
  } else fold.whole(parseEvent(utf8Text(bytes)));
  return fold.result();
}

export type AnswerBytes = { dialect: Dialect; answer: Uint8Array; streamed: boolean };

/** @throws where a codec cannot read the answer */
export function readAnswer({ dialect, answer, streamed }: AnswerBytes): ChatResult {
  if (dialect === 'openai-chat') return readChat(answer, streamed);
  const codec = codecOf(dialect);
  const fold = createAnswerFold();
  if (streamed) {
    const events = readSseEvents(answer);
    const whole = dialect === 'openai-responses' ? responsesResult(events) : null;
    if (whole !== null) return whole;
    const reader = codec.createReader();
    for (const event of events) for (const told of reader.read(event)) fold.add(told);
    for (const told of reader.end()) fold.add(told);
    return resultOf(fold.result(), fold.failure()?.message ?? null);
  }
  const text = utf8Text(answer);
  const body = parseEvent(text);
  if (body === null) return resultOf(fold.result(), text === '' ? null : codec.readFailure(0, text).message);
  if ((body.error ?? null) !== null || body.type === 'error')
    return resultOf(fold.result(), codec.readFailure(0, body).message);
  return (
    (dialect === 'openai-responses' ? responsesResult([{ event: null, data: text }]) : null) ??
    resultOf(codec.readAnswer(body), null)
  );
}

/**
 * Reads one call for its span: messages, parameters and usage look alike in every dialect. What cannot be read is
 * passed over or kept as it came; it never throws.
 */
export function readExchange(exchange: ExchangeBytes): Exchange {
  const asked = askedOf(exchange.dialect, exchange.request);
  try {
    return { ...asked, result: readAnswer({ ...exchange, dialect: exchange.answerDialect ?? exchange.dialect }) };
  } catch {
    return { ...asked, result: resultOf(createAnswerFold().result(), null) };
  }
}
