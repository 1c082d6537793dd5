import { crc32 } from 'node:zlib';
import type { SaidPart } from './behaviour.ts';
import { type Body, joined, type Sent, type Speech, type Told, tokens } from './dialect.ts';

const finishes = {
  stop: 'end_turn',
  length: 'max_tokens',
  toolCalls: 'tool_use',
  contentFilter: 'content_filtered',
};

const usage = {
  inputTokens: tokens.input - tokens.cached,
  cacheReadInputTokens: tokens.cached,
  cacheWriteInputTokens: 0,
  outputTokens: tokens.output,
  totalTokens: tokens.input + tokens.output,
};

const stringHeader = 7;

function header(name: string, value: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(Buffer.byteLength(value));
  return Buffer.concat([
    Buffer.from([name.length]),
    Buffer.from(name),
    Buffer.from([stringHeader]),
    length,
    Buffer.from(value),
  ]);
}

/** A message of `application/vnd.amazon.eventstream`: lengths, their checksum, headers, payload, checksum of all. */
function message(headers: Record<string, string>, payload: Body): Buffer {
  const fields = Buffer.concat(Object.entries(headers).map(([name, value]) => header(name, value)));
  const body = Buffer.from(JSON.stringify(payload));
  const prelude = Buffer.alloc(8);
  prelude.writeUInt32BE(fields.length + body.length + 16, 0);
  prelude.writeUInt32BE(fields.length, 4);
  const checksum = (bytes: Buffer) => {
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(bytes));
    return sum;
  };
  const unsigned = Buffer.concat([prelude, checksum(prelude), fields, body]);
  return Buffer.concat([unsigned, checksum(unsigned)]);
}

const sent = (type: string, payload: Body, content = false): Sent => ({
  text: message({ ':message-type': 'event', ':event-type': type, ':content-type': 'application/json' }, payload),
  content,
});

function blockOf(part: SaidPart): Body {
  if (part.type === 'toolCall')
    return { toolUse: { toolUseId: part.id, name: part.name, input: JSON.parse(joined(part) || '{}') } };
  if (part.type === 'reasoning') return { reasoningContent: { reasoningText: { text: joined(part) } } };
  return { text: joined(part) };
}

function deltaOf(part: SaidPart, piece: string): Body {
  if (part.type === 'toolCall') return { toolUse: { input: piece } };
  return part.type === 'text' ? { text: piece } : { reasoningContent: { text: piece } };
}

function* events(told: Told): Generator<Sent> {
  yield sent('messageStart', { role: 'assistant' });
  for (const [contentBlockIndex, part] of told.parts.entries()) {
    if (part.type === 'toolCall') {
      const start = { toolUse: { toolUseId: part.id, name: part.name } };
      yield sent('contentBlockStart', { contentBlockIndex, start });
    }
    for (const piece of part.pieces)
      yield sent('contentBlockDelta', { contentBlockIndex, delta: deltaOf(part, piece) }, true);
    yield sent('contentBlockStop', { contentBlockIndex });
  }
  yield sent('messageStop', { stopReason: finishes[told.finish] });
  if (told.usage !== 'none') yield sent('metadata', { usage, metrics: { latencyMs: 3 } });
}

export const bedrockConverse: Speech = {
  contentType: 'application/vnd.amazon.eventstream',
  whole: (told) => ({
    output: { message: { role: 'assistant', content: told.parts.map(blockOf) } },
    stopReason: finishes[told.finish],
    usage,
    metrics: { latencyMs: 3 },
  }),
  events,
  error: (_, text) => ({ message: text }),
  errorEvent: (text) => ({
    text: message(
      {
        ':message-type': 'exception',
        ':exception-type': 'internalServerException',
        ':content-type': 'application/json',
      },
      { message: text },
    ),
    content: false,
  }),
};

/** The name of an error, in the header `x-amzn-errortype`. */
export const bedrockErrors: Record<number, string> = {
  400: 'ValidationException',
  403: 'AccessDeniedException',
  404: 'ResourceNotFoundException',
  429: 'ThrottlingException',
  500: 'InternalServerException',
  503: 'ServiceUnavailableException',
};
