import type { Codec, StreamWatch } from '../codec.ts';
import { parseEvent } from '../parse-event.ts';
import { sseFrame } from '../sse.ts';
import { readMessage, writeMessage } from './answer.ts';
import { readMessagesFailure, writeMessagesError } from './failure.ts';
import { readMessagesRequest } from './read-request.ts';
import { createMessagesReader } from './read-stream.ts';
import { writeMessagesRequest } from './write-request.ts';
import { createMessagesWriter } from './write-stream.ts';

/** Anthropic names its events twice; a proxy on the way may have dropped one name. */
const watch: StreamWatch = {
  hasContent: ({ event, data }) =>
    (event ?? '') === 'content_block_delta' || (event === null && data.includes('"content_block_delta"')),
  isComplete: ({ event, data }) => (event === null ? data.includes('"message_stop"') : event === 'message_stop'),
  failure: ({ event, data }) =>
    event === 'error' || (event === null && data.startsWith('{"type":"error"'))
      ? readMessagesFailure(200, parseEvent(data) ?? data)
      : null,
};

/** Anthropic's Messages API, versions 2023-06-01 and 2026-10-21. */
export const anthropicMessages: Codec = {
  dialect: 'anthropic-messages',
  readRequest: readMessagesRequest,
  writeRequest: writeMessagesRequest,
  readAnswer: readMessage,
  writeAnswer: writeMessage,
  createReader: createMessagesReader,
  createWriter: createMessagesWriter,
  watch,
  readFailure: readMessagesFailure,
  writeError: writeMessagesError,
  writeErrorEvent: (error, requestId) => sseFrame(JSON.stringify(writeMessagesError(error, requestId)), 'error'),
};
