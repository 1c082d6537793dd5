import { isJsonObject } from '../../records/index.ts';
import type { Codec, StreamWatch } from '../codec.ts';
import { readOpenAiFailure, writeOpenAiError } from '../openai-error.ts';
import { parseEvent } from '../parse-event.ts';
import { readResponsesAnswer, writeResponsesAnswer } from './answer.ts';
import { readResponsesRequest } from './read-request.ts';
import { createResponsesReader } from './read-stream.ts';
import { writeResponsesErrorEvent } from './write-error.ts';
import { writeResponsesRequest } from './write-request.ts';
import { createResponsesWriter } from './write-stream.ts';

/** What comes before content: the response itself, and places held for items and parts. */
const beginnings = new Set([
  'response.created',
  'response.queued',
  'response.in_progress',
  'response.content_part.added',
  'response.reasoning_summary_part.added',
  'error',
  'keepalive',
  'ping',
]);
const ends = new Set(['response.completed', 'response.incomplete', 'response.cancelled']);

const started = /^\s*\{\s*"type"\s*:\s*"([\w.]+)"/;

/** The type of an event: its name, or what its data begins with, or says anywhere. */
function typeOf({ event, data }: { event: string | null; data: string }): string {
  const type = event ?? started.exec(data)?.[1] ?? parseEvent(data)?.type;
  return typeof type === 'string' ? type : '';
}

const watch: StreamWatch = {
  hasContent(event) {
    const type = typeOf(event);
    if (type === 'response.output_item.added') {
      const item = parseEvent(event.data)?.item;
      return isJsonObject(item) && item.type !== 'message' && item.type !== 'reasoning';
    }
    return type.startsWith('response.') && !beginnings.has(type) && !ends.has(type) && type !== 'response.failed';
  },
  isComplete: (event) => ends.has(typeOf(event)),
  failure(event) {
    const type = typeOf(event);
    if (type === 'error') return readOpenAiFailure(0, parseEvent(event.data) ?? event.data);
    if (type !== 'response.failed') return null;
    const response = parseEvent(event.data)?.response;
    const error = isJsonObject(response) ? (response.error ?? null) : null;
    return readOpenAiFailure(0, { error: error ?? 'The response failed.' });
  },
};

/** OpenAI's responses (API 2.3), without the tools that OpenAI itself runs. */
export const openAiResponses: Codec = {
  dialect: 'openai-responses',
  readRequest: readResponsesRequest,
  writeRequest: writeResponsesRequest,
  readAnswer: readResponsesAnswer,
  writeAnswer: writeResponsesAnswer,
  createReader: createResponsesReader,
  createWriter: createResponsesWriter,
  watch,
  readFailure: readOpenAiFailure,
  writeError: writeOpenAiError,
  writeErrorEvent: writeResponsesErrorEvent,
};
