import { aFrame, openAiFault, plainRequest } from '@wheelhouse/testing/dialects';
import { describe, expect, it } from 'vitest';
import type { ModelEvent, ModelRequest } from '../../ports/index.ts';
import { type JsonObject, WheelhouseError } from '../../records/index.ts';
import { createAnswerFold } from '../fold-answer.ts';
import { readSseEvents } from '../sse.ts';
import { openAiResponses } from './codec.ts';

const anything = { refuses: [], needsMaxTokens: null };
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (members: JsonObject) => openAiResponses.readRequest({ model: 'm', input: 'hi', ...members });

function refusal(call: () => unknown): string | null {
  try {
    call();
  } catch (error) {
    if (error instanceof WheelhouseError) return `${error.code} ${error.param}`;
    throw error;
  }
  return null;
}

const turn: JsonObject[] = [
  { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'weather?' }] },
  { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'hm' }], encrypted_content: 'seal' },
  {
    type: 'message',
    role: 'assistant',
    id: 'msg_1',
    status: 'completed',
    content: [{ type: 'output_text', text: 'Let me look.' }],
  },
  { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'weather', arguments: '{"city":"Rome"}' },
  { type: 'function_call', id: 'fc_2', call_id: 'c2', name: 'now', arguments: '' },
  { type: 'function_call_output', call_id: 'c1', output: 'sun' },
  {
    type: 'function_call_output',
    call_id: 'c2',
    output: [
      { type: 'input_text', text: 'noon' },
      { type: 'input_image', image_url: 'data:image/png;base64,aGk=', detail: 'auto' },
    ],
  },
];

describe('a request', () => {
  it('is read with the items of one turn of the model as one message', () => {
    const { messages } = read({ instructions: 'be brief', input: turn });
    expect(messages.map(({ role, parts }) => [role, parts.map(({ type }) => type)])).toEqual([
      ['system', ['text']],
      ['user', ['text']],
      ['assistant', ['reasoning', 'text', 'toolCall', 'toolCall']],
      ['tool', ['toolResult']],
      ['tool', ['toolResult']],
    ]);
    expect(messages[2]?.parts[0]).toEqual({ type: 'reasoning', text: 'hm', signature: 'openai:seal', redacted: null });
  });

  it('is written with what OpenAI sealed, and without what another vendor did', () => {
    const { messages } = read({ input: turn });
    const own = openAiResponses.writeRequest({ ...plainRequest, messages }, anything);
    expect((own.input as JsonObject[]).map(({ type }) => type)).toEqual(turn.map(({ type }) => type));
    expect((own.input as JsonObject[])[1]).toEqual({
      type: 'reasoning',
      summary: [{ type: 'summary_text', text: 'hm' }],
      encrypted_content: 'seal',
    });
    const foreign = messages.map((message) => ({
      ...message,
      parts: message.parts.map((part) => (part.type === 'reasoning' ? { ...part, signature: 'anthropic:s' } : part)),
    }));
    const others = openAiResponses.writeRequest({ ...plainRequest, messages: foreign }, anything);
    expect((others.input as JsonObject[]).map(({ type }) => type)).not.toContain('reasoning');
  });

  it('keeps nothing at the vendor unasked, asks for sealed reasoning only where there is any, and leaves tools unheld', () => {
    const request: ModelRequest = {
      ...plainRequest,
      tools: [{ name: 'f', description: null, parameters: null, strict: null }],
    };
    const body = openAiResponses.writeRequest(request, anything);
    expect(body).toMatchObject({ store: false, tools: [{ type: 'function', name: 'f', strict: false }] });
    expect([body.include, openAiFault('CreateResponse', body)]).toEqual([undefined, null]);
    const reasoned = { ...request, reasoning: { effort: 'low', budgetTokens: null, summary: null }, logprobs: 2 };
    expect(openAiResponses.writeRequest(reasoned, anything)).toMatchObject({
      include: ['message.output_text.logprobs', 'reasoning.encrypted_content'],
      reasoning: { effort: 'low', summary: 'auto' },
      top_logprobs: 2,
    });
  });

  it('is refused by name where it needs what only OpenAI has, or what OpenAI has not', () => {
    expect(refusal(() => read({ tools: [{ type: 'web_search' }] }))).toBe('unsupported_by_model tools[0]');
    expect(refusal(() => read({ input: [{ type: 'item_reference', id: 'x' }] }))).toBe('unsupported_by_model input[0]');
    expect(refusal(() => read({ text: { format: { type: 'grammar' } } }))).toBe('unsupported_by_model text.format');
    expect(refusal(() => read({ input: 7 }))).toBe('invalid_request input');
    expect(read({ previous_response_id: 'resp_1', truncation: 'disabled', background: false }).extra).toEqual({
      previous_response_id: 'resp_1',
    });
    for (const members of [{ stop: ['x'] }, { seed: 1 }, { topK: 3 }, { n: 2 }, { frequencyPenalty: 1 }])
      expect(refusal(() => openAiResponses.writeRequest({ ...plainRequest, ...members }, anything))).toBe(
        `unsupported_by_model ${Object.keys(members)[0]}`,
      );
  });
});

const start: ModelEvent = { type: 'start', id: 'v', model: 'v', created: 7, usage: null };
const open = (part: number, kind: 'text' | 'reasoning' | 'refusal' | 'toolCall'): ModelEvent => ({
  type: 'partStart',
  choice: 0,
  part,
  kind,
  id: kind === 'toolCall' ? `c${part}` : null,
  name: kind === 'toolCall' ? 'f' : null,
});
const piece = (part: number, text: string): ModelEvent => ({ type: 'partDelta', choice: 0, part, text });
const close = (part: number): ModelEvent => ({ type: 'partEnd', choice: 0, part });

function written(events: readonly ModelEvent[]): JsonObject[] {
  const writer = openAiResponses.createWriter(aFrame({ ...plainRequest, maxTokens: 50 }));
  const text = events.map((event) => writer.write(event)).join('') + writer.end();
  return readSseEvents(bytesOf(text)).map(({ data }) => JSON.parse(data) as JsonObject);
}

it('shows a caller what OpenAI sealed as OpenAI showed it, and what others did under their name', () => {
  const sealed = ['openai:seal', 'anthropic:seal'].map((signature) => {
    const part = { type: 'reasoning' as const, text: '', signature, redacted: null };
    const choice = { index: 0, parts: [part], finishReason: null, stopSequence: null, logprobs: null };
    const answer = { id: '', model: '', created: 0, choices: [choice], usage: null, serviceTier: null };
    const { output } = openAiResponses.writeAnswer(answer, aFrame(plainRequest));
    return (output as JsonObject[])[0]?.encrypted_content;
  });
  expect(sealed).toEqual(['seal', 'anthropic:seal']);
});

describe('a stream', () => {
  it('is written with every announcement that clients wait for, in order', () => {
    const events = written([
      start,
      open(0, 'reasoning'),
      piece(0, 'hm'),
      { type: 'signature', choice: 0, part: 0, signature: 'anthropic:s', redacted: null },
      close(0),
      open(1, 'text'),
      piece(1, 'Hel'),
      piece(1, 'lo'),
      close(1),
      open(2, 'toolCall'),
      piece(2, '{"a":1}'),
      close(2),
      { type: 'finish', choice: 0, reason: 'length', stopSequence: null },
      { type: 'usage', usage: { counts: { inputUncached: 1, outputText: 2 }, source: 'provider' }, serviceTier: null },
    ]);
    const places = events.map(({ type, output_index: item, content_index: content }) =>
      [String(type).replace('response.', ''), item, content].filter((value) => value !== undefined).join(' '),
    );
    expect(places).toEqual([
      'created',
      'in_progress',
      'output_item.added 0',
      'reasoning_summary_part.added 0',
      'reasoning_summary_text.delta 0',
      'reasoning_summary_text.done 0',
      'reasoning_summary_part.done 0',
      'output_item.done 0',
      'output_item.added 1',
      'content_part.added 1 0',
      'output_text.delta 1 0',
      'output_text.delta 1 0',
      'output_text.done 1 0',
      'content_part.done 1 0',
      'output_item.done 1',
      'output_item.added 2',
      'function_call_arguments.delta 2',
      'function_call_arguments.done 2',
      'output_item.done 2',
      'incomplete',
    ]);
    expect(events.at(-1)?.response).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      max_output_tokens: 50,
      usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
      output: [{ encrypted_content: 'anthropic:s' }, { content: [{ text: 'Hello' }] }, { call_id: 'c2', name: 'f' }],
    });
  });

  it('ends with an error that clients throw and a response that failed, and nothing after', () => {
    const failure = { kind: 'rateLimited' as const, message: 'slow down', code: null };
    const events = written([
      start,
      open(0, 'text'),
      piece(0, 'Hel'),
      { type: 'error', failure },
      piece(0, 'lo'),
      close(0),
    ]);
    expect(events.slice(-2)).toMatchObject([
      {
        type: 'error',
        code: 'upstream_rate_limited',
        message: 'slow down',
        param: null,
        error: { message: 'slow down' },
      },
      { type: 'response.failed', response: { status: 'failed', error: { code: 'rate_limit_exceeded' } } },
    ]);
    expect(events.at(-1)).toMatchObject({
      response: { output: [{ content: [{ text: 'Hel' }], status: 'incomplete' }] },
    });
    expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, i) => i));
    for (const event of events) expect(openAiFault('ResponseStreamEvent', event)).toBeNull();
  });

  const fold = (events: readonly JsonObject[]) => {
    const reader = openAiResponses.createReader();
    const answer = createAnswerFold();
    for (const event of events)
      for (const told of reader.read({ event: null, data: JSON.stringify(event) })) answer.add(told);
    for (const told of reader.end()) answer.add(told);
    return { ...answer.result(), failure: answer.failure() };
  };
  const completed = {
    type: 'response.completed',
    response: { status: 'completed', usage: { input_tokens: 3, output_tokens: 4 } },
  };

  it('is read from servers that leave out the events between, or the pieces', () => {
    const item = { type: 'message', content: [{ type: 'output_text', text: 'Hello' }] };
    const call = { type: 'function_call', call_id: 'c', name: 'f', arguments: '{"a":1}' };
    const bare = fold([
      { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'Hello' },
      { type: 'response.output_item.done', output_index: 1, item: call },
      completed,
    ]);
    const whole = fold([
      { type: 'response.output_item.done', output_index: 0, item },
      { type: 'response.output_item.done', output_index: 1, item: call },
      completed,
    ]);
    expect(bare.choices).toEqual(whole.choices);
    expect(bare.choices[0]).toMatchObject({
      finishReason: 'toolCalls',
      parts: [
        { type: 'text', text: 'Hello' },
        { type: 'toolCall', id: 'c', name: 'f', arguments: '{"a":1}' },
      ],
    });
    expect(bare.usage?.counts).toMatchObject({ inputUncached: 3, outputText: 4 });
  });

  it('is read with parts of a summary set apart, as in the whole item', () => {
    const summary = [
      { type: 'summary_text', text: 'one' },
      { type: 'summary_text', text: 'two' },
    ];
    const item = { type: 'reasoning', id: 'rs', summary, encrypted_content: 'seal' };
    const pieces = summary.flatMap(({ text }, summary_index) => [
      { type: 'response.reasoning_summary_part.added', output_index: 0, summary_index },
      { type: 'response.reasoning_summary_text.delta', output_index: 0, summary_index, delta: text },
    ]);
    const streamed = fold([...pieces, { type: 'response.output_item.done', output_index: 0, item }, completed]);
    const { choices } = openAiResponses.readAnswer({ status: 'completed', output: [item] });
    expect(streamed.choices).toEqual(choices);
    expect(choices[0]?.parts).toEqual([
      { type: 'reasoning', text: 'one\n\ntwo', signature: 'openai:seal', redacted: null },
    ]);
  });

  it('is read to its failure in both forms', () => {
    const flat = fold([{ type: 'error', code: 'rate_limit_exceeded', message: 'slow down', param: null }]);
    const failed = fold([
      { type: 'response.failed', response: { status: 'failed', error: { code: 'server_error', message: 'oh' } } },
    ]);
    expect([flat.failure, failed.failure]).toMatchObject([
      { kind: 'rateLimited', message: 'slow down' },
      { kind: 'server', message: 'oh' },
    ]);
    const { watch } = openAiResponses;
    const event = (type: string, more: JsonObject = {}) => ({ event: type, data: JSON.stringify({ type, ...more }) });
    expect(watch.failure(event('error', { code: 'server_error', message: 'oh' }))?.kind).toBe('server');
    expect(
      watch.failure(event('response.failed', { response: { error: { code: 'rate_limit_exceeded' } } }))?.kind,
    ).toBe('rateLimited');
    expect(watch.hasContent(event('response.output_item.added', { item: { type: 'message' } }))).toBe(false);
    expect(watch.hasContent(event('response.output_item.added', { item: { type: 'web_search_call' } }))).toBe(true);
    expect(watch.hasContent({ event: null, data: '{"type":"response.output_text.delta","delta":"x"}' })).toBe(true);
  });
});
