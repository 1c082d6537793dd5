import { isJsonObject, type JsonObject } from '../../records/index.ts';
import type { Codec, StreamWatch } from '../codec.ts';
import { parseEvent } from '../parse-event.ts';
import { sseFrame } from '../sse.ts';
import { blockReason, objectsOf, readFinishReason, readGenerateAnswer, writeGenerateAnswer } from './answer.ts';
import { readGenerateFailure, writeGenerateError } from './failure.ts';
import { readGenerateRequest } from './read-request.ts';
import { createGenerateReader } from './read-stream.ts';
import { writeGenerateRequest } from './write-request.ts';
import { createGenerateWriter } from './write-stream.ts';

const hasEnded = (json: JsonObject): boolean =>
  objectsOf(json.candidates).some(({ finishReason }) => readFinishReason(finishReason, false) !== null);

/** An event is parsed only where the name of a member says that it may be worth it. */
const watch: StreamWatch = {
  hasContent: ({ data }) => data.includes('"parts"'),
  isComplete: ({ data }) => data.includes('"finishReason"') && hasEnded(parseEvent(data) ?? {}),
  failure({ data }) {
    if (!/"error"|"blockReason"/.test(data)) return null;
    const json = parseEvent(data);
    if (json === null || (!isJsonObject(json.error) && blockReason(json) === null)) return null;
    return readGenerateFailure(200, json);
  },
};

/** `generateContent` of the Gemini API (v1, v1beta) and of Vertex AI. */
export const gemini: Codec = {
  dialect: 'gemini',
  readRequest: readGenerateRequest,
  writeRequest: writeGenerateRequest,
  readAnswer: readGenerateAnswer,
  writeAnswer: writeGenerateAnswer,
  createReader: createGenerateReader,
  createWriter: createGenerateWriter,
  watch,
  readFailure: readGenerateFailure,
  writeError: writeGenerateError,
  writeErrorEvent: (error) => sseFrame(JSON.stringify(writeGenerateError(error))),
};
