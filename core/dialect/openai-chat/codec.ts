import { isJsonObject } from '../../records/index.ts';
import type { Codec, StreamWatch } from '../codec.ts';
import { isErrorChunk, readOpenAiFailure, writeOpenAiError, writeOpenAiErrorEvent } from '../openai-error.ts';
import { parseEvent } from '../parse-event.ts';
import { objectsOf, readChatAnswer, writeChatAnswer } from './answer.ts';
import { readChatRequest } from './read-request.ts';
import { createChatReader } from './read-stream.ts';
import { writeChatRequest } from './write-request.ts';
import { createChatWriter } from './write-stream.ts';

const content = ['content', 'reasoning_content', 'reasoning', 'refusal', 'tool_calls', 'function_call', 'audio'];
const finished = /"finish_reason"\s*:\s*"/;

/** Streams of chat completions and of completions end alike. */
export const openAiWatch: StreamWatch = {
  hasContent({ data }) {
    return objectsOf(parseEvent(data)?.choices).some(({ delta, text }) => {
      if (typeof text === 'string' && text !== '') return true;
      if (!isJsonObject(delta)) return false;
      return content.some((member) => {
        const value = delta[member];
        return value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);
      });
    });
  },
  isComplete: ({ data }) => data === '[DONE]' || finished.test(data),
  failure({ event, data }) {
    if (event !== 'error' && !data.includes('"error"')) return null;
    const chunk = parseEvent(data);
    if (chunk === null) return event === 'error' ? readOpenAiFailure(0, data) : null;
    return isErrorChunk(chunk) || event === 'error' ? readOpenAiFailure(0, chunk) : null;
  },
};

/** OpenAI's chat completions (API 2.3), which most vendors speak. */
export const openAiChat: Codec = {
  dialect: 'openai-chat',
  readRequest: readChatRequest,
  writeRequest: writeChatRequest,
  readAnswer: readChatAnswer,
  writeAnswer: writeChatAnswer,
  createReader: createChatReader,
  createWriter: createChatWriter,
  watch: openAiWatch,
  readFailure: readOpenAiFailure,
  writeError: writeOpenAiError,
  writeErrorEvent: writeOpenAiErrorEvent,
};
