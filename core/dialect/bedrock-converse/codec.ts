import type { Codec, StreamWatch, WireEvent } from '../codec.ts';
import { parseEvent } from '../parse-event.ts';
import { readConverseAnswer, writeConverseAnswer } from './answer.ts';
import { isException, readConverseFailure, writeConverseError, writeConverseErrorEvent } from './failure.ts';
import { readConverseRequest } from './read-request.ts';
import { createConverseReader } from './read-stream.ts';
import { writeConverseRequest } from './write-request.ts';
import { createConverseWriter } from './write-stream.ts';

const isNamed = ({ event, data }: WireEvent, name: string): boolean =>
  event === null ? data.startsWith(`{"${name}"`) : event === name;

const watch: StreamWatch = {
  hasContent: (event) => isNamed(event, 'contentBlockDelta'),
  isComplete: (event) => isNamed(event, 'messageStop'),
  failure: ({ event, data }) =>
    event !== null && isException(event) ? readConverseFailure(200, { ...parseEvent(data), __type: event }) : null,
};

/** Bedrock's Converse and ConverseStream. */
export const bedrockConverse: Codec = {
  dialect: 'bedrock-converse',
  readRequest: readConverseRequest,
  writeRequest: writeConverseRequest,
  readAnswer: readConverseAnswer,
  writeAnswer: writeConverseAnswer,
  createReader: createConverseReader,
  createWriter: createConverseWriter,
  watch,
  readFailure: readConverseFailure,
  writeError: writeConverseError,
  writeErrorEvent: writeConverseErrorEvent,
};
