import { aFrame, anAnswer, aRequest, cutBytes, inPieces, plainRequest, someCuts } from '@wheelhouse/testing/dialects';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ModelAnswer, ModelPart, ModelRequest } from '../ports/index.ts';
import { type JsonObject, parseExactJson, type Usage } from '../records/index.ts';
import { anthropicMessages } from './anthropic-messages/codec.ts';
import { bedrockConverse } from './bedrock-converse/codec.ts';
import type { Codec, WireEvent } from './codec.ts';
import { createAnswerFold } from './fold-answer.ts';
import { gemini } from './gemini/codec.ts';
import { createSseParser, readSseEvents } from './sse.ts';

const frame = aFrame(plainRequest);
const anything = { refuses: [], needsMaxTokens: 1000 };
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const again = (body: JsonObject): JsonObject => JSON.parse(JSON.stringify(body)) as JsonObject;

function written(codec: Codec, answer: ModelAnswer, pieces: number[]): string {
  const writer = codec.createWriter(frame);
  return (
    inPieces(answer, pieces)
      .map((event) => writer.write(event))
      .join('') + writer.end()
  );
}

function folded(codec: Codec, wire: readonly WireEvent[]): ModelAnswer {
  const reader = codec.createReader();
  const fold = createAnswerFold();
  for (const event of [...wire.flatMap((one) => reader.read(one)), ...reader.end()]) fold.add(event);
  expect(fold.failure()).toBeNull();
  return fold.result();
}

/** Arguments are compared as what they mean; refusals are text where a dialect has no word for them. */
const meant = (part: ModelPart): unknown =>
  part.type === 'toolCall'
    ? { ...part, arguments: parseExactJson(part.arguments) }
    : part.type === 'refusal'
      ? { type: 'text', text: part.text }
      : part.type === 'toolResult'
        ? { ...part, name: null, parts: part.parts.map(meant) }
        : part;

const sum = ({ counts }: Usage) => {
  const { reasoning = 0, outputText = 0, ...rest } = counts;
  return { ...rest, output: outputText + reasoning };
};

/** What an answer says, as far as every dialect here can say it. */
const said = ({ choices, usage }: ModelAnswer) => ({
  choices: choices.map(({ parts, finishReason }) => ({ parts: parts.map(meant), finishReason })),
  usage: usage === null ? null : sum(usage),
});

type Finish = ModelAnswer['choices'][number]['finishReason'];

/** Each has fewer words for why an answer ended. */
const dialects: { codec: Codec; refusal: Finish; filter: Finish; countsAlways: boolean }[] = [
  { codec: anthropicMessages, refusal: 'refusal', filter: 'refusal', countsAlways: true },
  { codec: gemini, refusal: 'contentFilter', filter: 'contentFilter', countsAlways: false },
  { codec: bedrockConverse, refusal: 'contentFilter', filter: 'contentFilter', countsAlways: true },
];

describe.each(dialects)('$codec.dialect', ({ codec, refusal, filter, countsAlways }) => {
  function expected(answer: ModelAnswer) {
    const { choices, usage } = said(answer);
    return {
      choices: choices.map(({ parts, finishReason }) => ({
        parts,
        finishReason: finishReason === 'refusal' ? refusal : finishReason === 'contentFilter' ? filter : finishReason,
      })),
      usage: usage === null && countsAlways ? { inputUncached: 0, requests: 1, output: 0 } : usage,
    };
  }

  it('keeps what an answer says, there and back', () => {
    fc.assert(
      fc.property(anAnswer, (answer) => {
        expect(said(codec.readAnswer(again(codec.writeAnswer(answer, frame))))).toEqual(expected(answer));
      }),
      { numRuns: 300 },
    );
  });

  it('says the same in a stream as in a whole answer, however its pieces and its bytes are cut', () => {
    fc.assert(
      fc.property(anAnswer, someCuts, someCuts, (answer, pieces, cuts) => {
        const parser = createSseParser();
        const bytes = bytesOf(written(codec, answer, pieces));
        const wire = [...cutBytes(bytes, cuts).flatMap((piece) => parser.push(piece)), ...parser.end()];
        expect(said(folded(codec, wire))).toEqual(expected(answer));
      }),
      { numRuns: 300 },
    );
  });

  it('sees content, the end and nothing wrong in a stream that it wrote', () => {
    fc.assert(
      fc.property(anAnswer, someCuts, (answer, pieces) => {
        const wire = readSseEvents(bytesOf(written(codec, answer, pieces)));
        const shown = answer.choices.some(({ parts }) => parts.length > 0);
        if (shown) expect(wire.some((event) => codec.watch.hasContent(event))).toBe(true);
        expect(wire.filter((event) => codec.watch.isComplete(event))).toHaveLength(1);
        expect(wire.flatMap((event) => codec.watch.failure(event) ?? [])).toEqual([]);
      }),
    );
  });

  it('writes no end for an answer that had none', () => {
    fc.assert(
      fc.property(anAnswer, someCuts, (answer, pieces) => {
        const cut = { ...answer, choices: answer.choices.map((choice) => ({ ...choice, finishReason: null })) };
        const wire = readSseEvents(bytesOf(written(codec, cut, pieces)));
        expect(wire.some((event) => codec.watch.isComplete(event))).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  it('keeps what a request asks, there and back', () => {
    fc.assert(
      fc.property(aRequest, (given) => {
        fc.pre(isAnswered(given));
        const request = carried(given, codec);
        const body = codec.writeRequest(request, anything);
        const model = { model: request.model, stream: request.stream };
        expect(asked({ ...codec.readRequest(again(body)), ...model })).toEqual(asked(request));
      }),
      { numRuns: 300 },
    );
  });
});

/** Whether each result is of a call that was made. */
function isAnswered({ messages }: ModelRequest): boolean {
  const parts = messages.flatMap((message) => message.parts);
  const calls = new Set(parts.flatMap((part) => (part.type === 'toolCall' ? part.id : [])));
  return parts.every((part) => part.type !== 'toolResult' || calls.has(part.id));
}

/** What each of the three can carry: the rest is refused, which is another test. */
function carried(request: ModelRequest, codec: Codec): ModelRequest {
  const isGemini = codec === gemini;
  const jsonAsText = request.output.type === 'json' && !isGemini ? ({ type: 'text' } as const) : request.output;
  return {
    ...request,
    model: isGemini ? 'gemini-2.5-flash' : 'anthropic.claude-opus-4-6',
    logprobs: isGemini ? request.logprobs : null,
    output: jsonAsText,
    tools: request.tools.map((tool) => ({ ...tool, strict: null })),
  };
}

/** Turns of one role stand together, and a format keeps its schema only. */
function asked({ messages, output, maxTokens, reasoning, user: _, extra: __, tools, ...request }: ModelRequest) {
  const turns: { role: string; parts: unknown[] }[] = [];
  for (const { role, parts } of messages) {
    const side = role === 'assistant' || role === 'system' ? role : 'user';
    const last = turns.at(-1);
    if (last?.role === side) last.parts.push(...parts.map(meant));
    else turns.push({ role: side, parts: parts.map(meant) });
  }
  for (const turn of turns) {
    const isResult = (part: unknown) => (part as ModelPart).type === 'toolResult';
    turn.parts = [...turn.parts.filter(isResult), ...turn.parts.filter((part) => !isResult(part))];
  }
  return {
    ...request,
    // A description without a letter says nothing.
    tools: tools.map((tool) => ({ ...tool, description: tool.description || null, strict: tool.strict ?? null })),
    turns,
    output: output.type === 'schema' ? { type: output.type, schema: output.schema } : output,
    maxTokens: maxTokens ?? 1000,
    thinks: reasoning !== null,
  };
}
