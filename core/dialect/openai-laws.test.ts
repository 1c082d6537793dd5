import {
  aFrame,
  anAnswer,
  aRequest,
  cutBytes,
  inPieces,
  openAiFault,
  plainRequest,
  someCuts,
} from '@wheelhouse/testing/dialects';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ModelAnswer, ModelEvent, ModelRequest } from '../ports/index.ts';
import type { JsonObject } from '../records/index.ts';
import type { Codec, WireEvent } from './codec.ts';
import { createAnswerFold } from './fold-answer.ts';
import { openAiChat } from './openai-chat/codec.ts';
import { openAiCompletions } from './openai-completions/codec.ts';
import { openAiResponses } from './openai-responses/codec.ts';
import { createSseParser, readSseEvents } from './sse.ts';

const anything = { refuses: [], needsMaxTokens: null };
const frame = aFrame(plainRequest);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function written(codec: Codec, events: readonly ModelEvent[]): string {
  const writer = codec.createWriter(frame);
  return events.map((event) => writer.write(event)).join('') + writer.end();
}

function folded(codec: Codec, wire: readonly WireEvent[]): ModelAnswer {
  const reader = codec.createReader();
  const fold = createAnswerFold();
  for (const event of [...wire.flatMap((one) => reader.read(one)), ...reader.end()]) fold.add(event);
  expect(fold.failure()).toBeNull();
  return fold.result();
}

/** What an answer says, without the ids that each dialect makes. */
const said = ({ choices, usage }: ModelAnswer) => ({ choices, usage });

/** What a dialect without tools and reasoning can say of an answer. */
function onlyText(answer: ModelAnswer): ModelAnswer {
  const choices = answer.choices.map((choice) => {
    const text = choice.parts
      .map((part) => (part.type === 'text' || part.type === 'refusal' ? part.text : ''))
      .join('');
    const finishReason =
      choice.finishReason === 'toolCalls' || choice.finishReason === 'refusal'
        ? ('stop' as const)
        : choice.finishReason;
    return { ...choice, finishReason, parts: text === '' ? [] : [{ type: 'text' as const, text }] };
  });
  return { ...answer, choices };
}

const dialects = [
  { codec: openAiChat, schema: 'CreateChatCompletionResponse', keeps: (answer: ModelAnswer) => answer },
  { codec: openAiCompletions, schema: 'CreateCompletionResponse', keeps: onlyText },
  { codec: openAiResponses, schema: 'Response', keeps: (answer: ModelAnswer) => answer },
];

describe.each(dialects)('$codec.dialect', ({ codec, schema, keeps }) => {
  it('keeps what an answer says, there and back, in a form that the specification allows', () => {
    fc.assert(
      fc.property(anAnswer, (answer) => {
        const body = codec.writeAnswer(answer, frame);
        expect(openAiFault(schema, body)).toBeNull();
        expect(said(codec.readAnswer(JSON.parse(JSON.stringify(body)) as JsonObject))).toEqual(said(keeps(answer)));
      }),
      { numRuns: 150 },
    );
  });

  it('says the same in a stream as in a whole answer, however its pieces and its bytes are cut', () => {
    fc.assert(
      fc.property(anAnswer, someCuts, someCuts, (answer, pieces, cuts) => {
        const bytes = bytesOf(written(codec, inPieces(answer, pieces)));
        const parser = createSseParser();
        const wire = [...cutBytes(bytes, cuts).flatMap((piece) => parser.push(piece)), ...parser.end()];
        expect(said(folded(codec, wire))).toEqual(said(codec.readAnswer(codec.writeAnswer(answer, frame))));
      }),
      { numRuns: 150 },
    );
  });

  it('sees content, the end and nothing wrong in a stream that it wrote', () => {
    fc.assert(
      fc.property(anAnswer, someCuts, (answer, pieces) => {
        const wire = readSseEvents(bytesOf(written(codec, inPieces(answer, pieces))));
        const shown = keeps(answer).choices.some(({ parts }) => parts.length > 0);
        expect(wire.some((event) => codec.watch.hasContent(event))).toBe(shown);
        expect(wire.some((event) => codec.watch.isComplete(event))).toBe(true);
        expect(wire.slice(0, -2).some((event) => event.data === '[DONE]')).toBe(false);
        expect(wire.flatMap((event) => codec.watch.failure(event) ?? [])).toEqual([]);
      }),
    );
  });
});

describe.each([
  { codec: openAiChat, schema: 'CreateChatCompletionRequest' },
  { codec: openAiResponses, schema: 'CreateResponse' },
])('$codec.dialect', ({ codec, schema }) => {
  it('keeps what a request asks, there and back, in a form that the specification allows', () => {
    fc.assert(
      fc.property(aRequest, (request) => {
        const body = codec.writeRequest(request, anything);
        expect(openAiFault(schema, body)).toBeNull();
        const again = codec.readRequest(JSON.parse(JSON.stringify(body)) as JsonObject);
        expect(asked(again)).toEqual(asked(request));
      }),
      { numRuns: 150 },
    );
  });
});

/** What only says how an answer is shown or kept is each dialect's own. */
function asked({ reasoning, extra: _, ...request }: ModelRequest) {
  return { ...request, effort: reasoning?.effort ?? null };
}

it('writes chunks that the specification allows', () => {
  fc.assert(
    fc.property(anAnswer, someCuts, (answer, pieces) => {
      for (const { data } of readSseEvents(bytesOf(written(openAiChat, inPieces(answer, pieces)))))
        if (data !== '[DONE]') expect(openAiFault('CreateChatCompletionStreamResponse', JSON.parse(data))).toBeNull();
    }),
    { numRuns: 50 },
  );
});

it('writes events of a response that the specification allows, numbered from 0, each named as its type', () => {
  fc.assert(
    fc.property(anAnswer, someCuts, (answer, pieces) => {
      const wire = readSseEvents(bytesOf(written(openAiResponses, inPieces(answer, pieces))));
      for (const [i, { event, data }] of wire.entries()) {
        const value = JSON.parse(data) as JsonObject;
        expect(openAiFault('ResponseStreamEvent', value)).toBeNull();
        expect([value.sequence_number, value.type]).toEqual([i, event]);
      }
    }),
    { numRuns: 50 },
  );
});

it('ends a stream of a response with the same response that a whole answer is', () => {
  fc.assert(
    fc.property(anAnswer, someCuts, (answer, pieces) => {
      const last = readSseEvents(bytesOf(written(openAiResponses, inPieces(answer, pieces)))).at(-1);
      const { response } = JSON.parse(last?.data ?? '{}') as { response: JsonObject };
      expect(response).toEqual(openAiResponses.writeAnswer(answer, frame));
    }),
  );
});
