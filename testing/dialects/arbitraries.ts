import type { AnswerFrame } from '@wheelhouse/core/dialect';
import type {
  FinishReason,
  ModelAnswer,
  ModelEvent,
  ModelMessage,
  ModelPart,
  ModelRequest,
} from '@wheelhouse/core/ports';
import type { JsonSchema, Usage } from '@wheelhouse/core/records';
import fc from 'fast-check';

/** Texts that break careless readers: line ends of every kind, escapes, halves of nothing, what looks like a frame. */
const text = fc.oneof(
  fc.string({ minLength: 1, unit: 'grapheme' }),
  fc.constantFrom(
    'é',
    '👩‍👩‍👧',
    '\n\n',
    '\r\n',
    '\u2028',
    'data: [DONE]\n\n',
    '"finish_reason":"stop"',
    '\\u00e9',
    ' ',
    '{"error":1}',
  ),
);
const json = fc
  .dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
  .map((value) => JSON.stringify(value));
const name = fc.stringMatching(/^[a-z][a-z_]{0,8}$/);

const unsigned = text.map((said): ModelPart => ({ type: 'reasoning', text: said, signature: null, redacted: null }));
const call = fc.record({ name, arguments: json });

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null, freq: 2 });
const count = fc.integer({ min: 1, max: 100_000 });

const usage: fc.Arbitrary<Usage> = fc
  .record({
    inputUncached: fc.nat(100_000),
    cacheRead: optional(count),
    outputText: fc.nat(100_000),
    reasoning: optional(count),
  })
  .map(({ cacheRead, reasoning, ...counts }) => ({
    counts: {
      ...counts,
      ...(cacheRead === null ? {} : { cacheRead }),
      ...(reasoning === null ? {} : { reasoning }),
      requests: 1,
    },
    source: 'provider',
  }));

const ended = fc.constantFrom<FinishReason>('stop', 'length', 'contentFilter');

/** One answer as any model may give it: reasoning, then text or a refusal, then calls of tools. */
export const anAnswer: fc.Arbitrary<ModelAnswer> = fc
  .record({
    reasoning: optional(unsigned),
    said: optional(text),
    refusal: fc.option(text, { nil: null, freq: 6 }),
    calls: fc.array(call, { maxLength: 3 }),
    finish: ended,
    usage: optional(usage),
  })
  .map(({ reasoning, said, refusal, calls, finish, usage: told }) => {
    const refused = refusal !== null && said === null && calls.length === 0;
    const parts: ModelPart[] = [
      ...(reasoning === null ? [] : [reasoning]),
      ...(said === null ? [] : [{ type: 'text' as const, text: said }]),
      ...(refused ? [{ type: 'refusal' as const, text: refusal }] : []),
      ...calls.map((one, i) => ({ type: 'toolCall' as const, id: `call_${i}`, ...one })),
    ];
    const finishReason: FinishReason = calls.length > 0 ? 'toolCalls' : refused ? 'refusal' : finish;
    return {
      id: 'vendor-1',
      model: 'vendor-model',
      created: 1_700_000_000,
      choices: [{ index: 0, parts, finishReason, stopSequence: null, logprobs: null }],
      usage: told,
      serviceTier: null,
    };
  });

/** An answer as the events of a stream: each text in pieces, those of several calls mixed. */
export function inPieces(answer: ModelAnswer, cuts: readonly number[]): ModelEvent[] {
  const [choice] = answer.choices;
  const { id, model, created } = answer;
  const events: ModelEvent[] = [{ type: 'start', id, model, created, usage: null }];
  const parts = choice?.parts ?? [];
  const mixed: ModelEvent[][] = [];
  for (const [part, value] of parts.entries()) {
    if (value.type !== 'text' && value.type !== 'reasoning' && value.type !== 'refusal' && value.type !== 'toolCall')
      continue;
    const isCall = value.type === 'toolCall';
    const whole = isCall ? value.arguments : value.text;
    const named = isCall ? { id: value.id, name: value.name } : { id: null, name: null };
    const start: ModelEvent = { type: 'partStart', choice: 0, part, kind: value.type, ...named };
    const pieces = piecesOf(whole, cuts).map(
      (piece): ModelEvent => ({ type: 'partDelta', choice: 0, part, text: piece }),
    );
    const end: ModelEvent = { type: 'partEnd', choice: 0, part };
    if (isCall) {
      events.push(start);
      mixed.push([...pieces, end]);
    } else events.push(start, ...pieces, ...signatureOf(part, value), end);
  }
  for (let i = 0; mixed.some((queue) => i < queue.length); i++)
    for (const queue of mixed) events.push(...queue.slice(i, i + 1));
  if (choice?.finishReason) events.push({ type: 'finish', choice: 0, reason: choice.finishReason, stopSequence: null });
  if (answer.usage !== null) events.push({ type: 'usage', usage: answer.usage, serviceTier: null });
  return events;
}

/** What a vendor signs or seals comes at the end of the part. */
function signatureOf(part: number, value: ModelPart): ModelEvent[] {
  if (value.type !== 'reasoning' || (value.signature === null && value.redacted === null)) return [];
  return [{ type: 'signature', choice: 0, part, signature: value.signature, redacted: value.redacted }];
}

/** A text cut between its characters. */
function piecesOf(whole: string, cuts: readonly number[]): string[] {
  const characters = [...whole];
  const pieces: string[] = [];
  let at = 0;
  for (let i = 0; at < characters.length; i++) {
    const size = cuts.length === 0 ? characters.length : (cuts[i % cuts.length] ?? 1);
    pieces.push(characters.slice(at, at + size).join(''));
    at += size;
  }
  return pieces;
}

export const someCuts = fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 4 });

/** Bytes cut anywhere. */
export function cutBytes(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = cuts.length === 0 ? bytes.length : (cuts[i % cuts.length] ?? 1);
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

const media: ModelPart = {
  type: 'image',
  source: { kind: 'data', data: 'aGk=' },
  mediaType: 'image/png',
  name: null,
  detail: null,
};
const textPart = text.map((said): ModelPart => ({ type: 'text', text: said }));

const turn: fc.Arbitrary<ModelMessage[]> = fc.oneof(
  fc
    .array(fc.oneof(textPart, fc.constant(media)), { minLength: 1, maxLength: 2 })
    .map((parts): ModelMessage[] => [{ role: 'user', parts }]),
  textPart.map((part): ModelMessage[] => [{ role: 'assistant', parts: [part] }]),
  fc
    .tuple(fc.option(textPart, { nil: null }), fc.array(fc.tuple(call, textPart), { minLength: 1, maxLength: 2 }))
    .map(([said, calls]): ModelMessage[] => [
      {
        role: 'assistant',
        parts: [
          ...(said === null ? [] : [said]),
          ...calls.map(([one], i): ModelPart => ({ type: 'toolCall', id: `call_${i}`, ...one })),
        ],
      },
      ...calls.map(
        ([, result], i): ModelMessage => ({
          role: 'tool',
          parts: [{ type: 'toolResult', id: `call_${i}`, name: null, parts: [result], isError: false }],
        }),
      ),
    ]),
);

const schema = fc.constantFrom<JsonSchema>(
  { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false },
  { type: 'object', properties: { node: { $ref: '#/$defs/node' } }, $defs: { node: { type: ['string', 'null'] } } },
);

/** What every dialect of OpenAI's can ask. */
export const aRequest: fc.Arbitrary<ModelRequest> = fc
  .record({
    system: optional(textPart),
    // Two turns of the model would become one where a dialect has no messages.
    turns: fc.array(turn, { minLength: 1, maxLength: 3 }),
    tools: fc.uniqueArray(fc.record({ name, description: optional(text), parameters: schema }), {
      maxLength: 2,
      selector: (tool) => tool.name,
    }),
    output: fc.oneof(
      fc.constant({ type: 'text' as const }),
      fc.constant({ type: 'json' as const }),
      fc.record({
        type: fc.constant('schema' as const),
        name,
        description: optional(text),
        schema,
        strict: optional(fc.boolean()),
      }),
    ),
    maxTokens: optional(fc.integer({ min: 16, max: 100_000 })),
    temperature: optional(fc.constantFrom(0, 0.5, 1.5)),
    topP: optional(fc.constantFrom(0.1, 1)),
    logprobs: optional(fc.nat(5)),
    effort: optional(fc.constantFrom('low', 'high')),
    user: optional(name),
    stream: fc.boolean(),
  })
  .map(({ system, turns, tools, effort, ...rest }) => ({
    model: 'some-model',
    messages: merged([...(system === null ? [] : [{ role: 'system' as const, parts: [system] }]), ...turns.flat()]),
    tools: tools.map((tool) => ({ ...tool, strict: false })),
    toolChoice: tools.length === 0 ? null : { type: 'required' as const },
    parallelToolCalls: null,
    topK: null,
    stop: [],
    seed: null,
    frequencyPenalty: null,
    presencePenalty: null,
    n: null,
    reasoning: effort === null ? null : { effort, budgetTokens: null, summary: null },
    metadata: {},
    serviceTier: null,
    extra: {},
    ...rest,
  }));

/** Neighbouring turns of the model as one, which is what they are. */
function merged(messages: ModelMessage[]): ModelMessage[] {
  const found: ModelMessage[] = [];
  for (const message of messages) {
    const last = found.at(-1);
    if (last?.role !== 'assistant' || message.role !== 'assistant')
      found.push({ ...message, parts: [...message.parts] });
  }
  return found;
}

export const aFrame = (request: ModelRequest): AnswerFrame => ({
  model: 'our-model',
  created: 1_800_000_000,
  id: '0123abcd',
  includeUsage: true,
  request,
});

/** A request that asks for nothing but an answer. */
export const plainRequest: ModelRequest = {
  model: 'some-model',
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }],
  tools: [],
  toolChoice: null,
  parallelToolCalls: null,
  output: { type: 'text' },
  maxTokens: null,
  temperature: null,
  topP: null,
  topK: null,
  stop: [],
  seed: null,
  frequencyPenalty: null,
  presencePenalty: null,
  logprobs: null,
  n: null,
  reasoning: null,
  user: null,
  metadata: {},
  serviceTier: null,
  stream: false,
  extra: {},
};
