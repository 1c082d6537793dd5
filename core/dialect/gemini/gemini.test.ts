import { aFrame, plainRequest } from '@wheelhouse/testing/dialects';
import { describe, expect, it } from 'vitest';
import type { ModelAnswer, ModelEvent, ModelPart, ModelRequest } from '../../ports/index.ts';
import { type Json, type JsonObject, WheelhouseError } from '../../records/index.ts';
import { answerEvents, createAnswerFold } from '../fold-answer.ts';
import { readSseEvents } from '../sse.ts';
import { gemini as codec } from './codec.ts';

const capabilities = { refuses: [], needsMaxTokens: null };
const write = (request: Partial<ModelRequest>) => codec.writeRequest({ ...plainRequest, ...request }, capabilities);
const read = (body: JsonObject) =>
  codec.readRequest({ contents: [{ role: 'user', parts: [{ text: 'hi' }] }], ...body });
const refused = (param: string) => expect.objectContaining({ code: 'unsupported_by_model', param });
const signed = (signature: string): ModelPart => ({ type: 'reasoning', text: '', signature, redacted: null });
const call = (id: string, args = '{}'): ModelPart => ({ type: 'toolCall', id, name: 'look', arguments: args });

describe('requests', () => {
  it('reads both spellings, tools, results by name and what was signed', () => {
    const request = read({
      system_instruction: { parts: [{ text: 'Be brief.' }] },
      contents: [
        {
          role: 'user',
          parts: [{ text: 'Look.' }, { file_data: { file_uri: 'gs://a/b.pdf', mime_type: 'application/pdf' } }],
        },
        {
          role: 'model',
          parts: [
            { text: 'Hm.', thought: true },
            { functionCall: { name: 'look', args: { at: 'x' } }, thoughtSignature: 'c2ln' },
            { functionCall: { name: 'look', args: {} } },
          ],
        },
        {
          role: 'user',
          parts: [
            { functionResponse: { name: 'look', response: { output: 'a' } } },
            { functionResponse: { name: 'look', response: { error: 'b' } } },
          ],
        },
      ],
      tools: [
        {
          functionDeclarations: [
            { name: 'look', parameters: { type: 'OBJECT', properties: { at: { type: 'STRING', nullable: true } } } },
          ],
        },
      ],
      tool_config: { function_calling_config: { mode: 'ANY', allowed_function_names: ['look'] } },
      generation_config: {
        max_output_tokens: 50,
        top_k: 3,
        response_logprobs: true,
        logprobs: 2,
        thinking_config: { thinking_budget: 512, include_thoughts: true },
        responseModalities: ['TEXT'],
      },
      safetySettings: [],
    });
    expect(request.messages.slice(1)).toEqual([
      {
        role: 'user',
        parts: [
          { type: 'text', text: 'Look.' },
          {
            type: 'file',
            source: { kind: 'url', url: 'gs://a/b.pdf' },
            mediaType: 'application/pdf',
            name: null,
            detail: null,
          },
        ],
      },
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'Hm.', signature: null, redacted: null },
          signed('gemini:c2ln'),
          call('call_0', '{"at":"x"}'),
          call('call_1'),
        ],
      },
      {
        role: 'tool',
        parts: [
          { type: 'toolResult', id: 'call_0', name: 'look', parts: [{ type: 'text', text: 'a' }], isError: false },
        ],
      },
      {
        role: 'tool',
        parts: [
          { type: 'toolResult', id: 'call_1', name: 'look', parts: [{ type: 'text', text: 'b' }], isError: true },
        ],
      },
    ]);
    expect(request).toMatchObject({
      tools: [{ parameters: { type: 'object', properties: { at: { type: ['string', 'null'] } } } }],
      toolChoice: { type: 'tool', name: 'look' },
      maxTokens: 50,
      topK: 3,
      logprobs: 2,
      reasoning: { budgetTokens: 512, summary: 'auto' },
      extra: { safetySettings: [], generationConfig: { responseModalities: ['TEXT'] } },
    });
  });

  it('refuses by name what only Google can do', () => {
    expect(() => read({ tools: [{ googleSearch: {} }] })).toThrow(refused('tools[0].googleSearch'));
    expect(() => read({ contents: [{ parts: [{ executableCode: {} }] }] })).toThrow(refused('contents[0].parts[0]'));
    expect(() =>
      write({ parallelToolCalls: false, tools: [{ name: 'a', description: null, parameters: null, strict: null }] }),
    ).toThrow(refused('parallelToolCalls'));
    const file: ModelPart = {
      type: 'file',
      source: { kind: 'file', fileId: 'file-1' },
      mediaType: null,
      name: null,
      detail: null,
    };
    expect(() => write({ messages: [{ role: 'user', parts: [file] }] })).toThrow(refused('file'));
  });

  it('gives signatures back where they were, of calls side by side to the first, and says where there is none', () => {
    const contents = (model: string, parts: ModelPart[]) =>
      ((write({ model, messages: [{ role: 'assistant', parts }] }).contents as JsonObject[])[0]?.parts ??
        []) as JsonObject[];
    expect(
      contents('gemini-3-pro', [signed('gemini:s'), call('a'), call('b')]).map((part) => part.thoughtSignature),
    ).toEqual(['s', undefined]);
    expect(contents('gemini-3-pro', [signed('anthropic:s'), call('a')])[0]?.thoughtSignature).toBe(
      'skip_thought_signature_validator',
    );
    expect(contents('gemini-2.5-pro', [call('a')])[0]).not.toHaveProperty('thoughtSignature');
    expect(contents('gemini-3-pro', [{ type: 'text', text: 'So.' }, signed('gemini:s')])).toEqual([
      { text: 'So.' },
      { text: '', thoughtSignature: 's' },
    ]);
  });

  it('thinks by levels from the third generation on, before that by a budget', () => {
    const thinks = (model: string, effort: string) =>
      write({ model, reasoning: { effort, budgetTokens: null, summary: 'auto' } }).generationConfig;
    expect(thinks('gemini-2.5-flash', 'low')).toEqual({
      thinkingConfig: { thinkingBudget: 1024, includeThoughts: true },
    });
    expect(thinks('gemini-2.5-flash', 'none')).toEqual({
      thinkingConfig: { thinkingBudget: 0, includeThoughts: true },
    });
    expect(thinks('gemini-3-pro', 'xhigh')).toEqual({
      thinkingConfig: { thinkingLevel: 'HIGH', includeThoughts: true },
    });
  });

  it('holds arguments to their schema where a tool is strict', () => {
    const tools = [{ name: 'a', description: null, parameters: { type: 'object' }, strict: true }];
    expect(write({ tools })).toMatchObject({ toolConfig: { functionCallingConfig: { mode: 'VALIDATED' } } });
    expect(write({ tools, toolChoice: { type: 'required' } })).toMatchObject({
      toolConfig: { functionCallingConfig: { mode: 'ANY' } },
    });
  });
});

describe('answers', () => {
  const body: JsonObject = {
    candidates: [
      {
        content: {
          role: 'model',
          parts: [
            { text: 'Think', thought: true },
            { text: 'ing.', thought: true },
            { text: 'Hel' },
            { text: 'lo' },
            { functionCall: { name: 'look', args: { big: '12345678901234567890' } }, thoughtSignature: 'c2ln' },
            { functionCall: { name: 'look', args: {} } },
          ],
        },
        finishReason: 'STOP',
        index: 0,
      },
    ],
    usageMetadata: { promptTokenCount: 4, candidatesTokenCount: 5, totalTokenCount: 9 },
    modelVersion: 'gemini-3-pro',
    responseId: 'abc',
  };
  const answer = codec.readAnswer(body);

  it('makes ids for calls that have none, of the id of the answer', () => {
    expect(answer.choices[0]).toMatchObject({
      finishReason: 'toolCalls',
      parts: [
        { type: 'reasoning', text: 'Thinking.' },
        { type: 'text', text: 'Hello' },
        { type: 'reasoning', text: '', signature: 'gemini:c2ln' },
        { type: 'toolCall', id: 'call_abc_0' },
        { type: 'toolCall', id: 'call_abc_1' },
      ],
    });
  });

  it('reads a stream as it reads the whole, chunk by chunk', () => {
    const reader = codec.createReader();
    const fold = createAnswerFold();
    const [candidate] = body.candidates as JsonObject[];
    const { parts = [] } = (candidate?.content ?? {}) as { parts?: Json[] };
    const chunks = parts.map(
      (part, i): JsonObject => ({
        ...body,
        candidates: [
          {
            content: { role: 'model', parts: [part] },
            index: 0,
            ...(i === parts.length - 1 ? { finishReason: 'STOP' } : {}),
          },
        ],
      }),
    );
    for (const chunk of chunks)
      for (const event of reader.read({ event: null, data: JSON.stringify(chunk) })) fold.add(event);
    for (const event of reader.end()) fold.add(event);
    expect(fold.result()).toEqual(answer);
  });

  it('keeps signatures of its own and of others, there and back, whole and streamed', () => {
    const parts: ModelPart[] = [
      { type: 'reasoning', text: 'Hm.', signature: 'anthropic:x', redacted: null },
      signed('gemini:y'),
      call('c'),
    ];
    const given: ModelAnswer = {
      ...answer,
      choices: [{ index: 0, parts, finishReason: 'toolCalls', stopSequence: null, logprobs: null }],
    };
    const frame = aFrame(plainRequest);
    expect(codec.readAnswer(codec.writeAnswer(given, frame)).choices[0]?.parts).toEqual(parts);
    const writer = codec.createWriter(frame);
    const text =
      answerEvents(given)
        .map((event: ModelEvent) => writer.write(event))
        .join('') + writer.end();
    expect(text).toContain('"thoughtSignature":"y"');
    const reader = codec.createReader();
    const fold = createAnswerFold();
    for (const wire of readSseEvents(new TextEncoder().encode(text)))
      for (const event of reader.read(wire)) fold.add(event);
    expect(fold.result().choices[0]?.parts).toEqual(parts);
  });

  it('tells a prompt that was blocked from an answer', () => {
    const blocked = { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: { promptTokenCount: 4 } };
    expect(codec.readAnswer(blocked).choices).toMatchObject([{ parts: [], finishReason: 'contentFilter' }]);
    expect(codec.readFailure(200, blocked)).toEqual({
      kind: 'contentPolicy',
      message: 'The prompt was blocked: PROHIBITED_CONTENT.',
      code: 'PROHIBITED_CONTENT',
    });
    const event = { event: null, data: JSON.stringify(blocked) };
    expect(codec.watch.failure(event)).toMatchObject({ kind: 'contentPolicy' });
    expect(codec.createReader().read(event)).toMatchObject([{ type: 'start' }, { type: 'error' }]);
  });

  it('is not fooled by arguments that are named like the end of an answer', () => {
    const args = { finishReason: 'STOP', blockReason: 'SAFETY', error: { code: 500 } };
    const data = JSON.stringify({
      candidates: [{ content: { parts: [{ functionCall: { name: 'f', args } }] }, index: 0 }],
    });
    expect(codec.watch.isComplete({ event: null, data })).toBe(false);
    expect(codec.watch.failure({ event: null, data })).toBeNull();
  });

  it('reads logprobs in OpenAI’s form, and writes them back', () => {
    const logprobsResult = {
      chosenCandidates: [{ token: 'Hi', logProbability: -0.1 }],
      topCandidates: [
        {
          candidates: [
            { token: 'Hi', logProbability: -0.1 },
            { token: 'Yo', logProbability: -2 },
          ],
        },
      ],
    };
    const told = codec.readAnswer({
      candidates: [{ content: { parts: [{ text: 'Hi' }] }, finishReason: 'STOP', logprobsResult }],
    });
    expect(told.choices[0]?.logprobs).toEqual([
      {
        token: 'Hi',
        logprob: -0.1,
        bytes: null,
        top_logprobs: [
          { token: 'Hi', logprob: -0.1, bytes: null },
          { token: 'Yo', logprob: -2, bytes: null },
        ],
      },
    ]);
    expect(codec.writeAnswer(told, aFrame(plainRequest))).toMatchObject({ candidates: [{ logprobsResult }] });
  });
});

describe('failures', () => {
  const error = (code: number, status: string, message = 'm', details: Json[] = []) => ({
    error: { code, status, message, details },
  });
  it.each([
    [400, error(400, 'INVALID_ARGUMENT'), 'invalid'],
    [
      400,
      error(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [
        { reason: 'API_KEY_INVALID' },
      ]),
      'auth',
    ],
    [
      400,
      error(
        400,
        'INVALID_ARGUMENT',
        'The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).',
      ),
      'contextWindow',
    ],
    [400, error(400, 'FAILED_PRECONDITION', 'User location is not supported; enable billing.'), 'quota'],
    [401, error(401, 'UNAUTHENTICATED'), 'auth'],
    [403, error(403, 'PERMISSION_DENIED'), 'auth'],
    [404, error(404, 'NOT_FOUND', 'models/x is not found'), 'notFound'],
    [
      429,
      error(429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota, please check your plan and billing details.'),
      'rateLimited',
    ],
    [429, error(429, 'RESOURCE_EXHAUSTED', 'Your prepayment credits are depleted.'), 'quota'],
    [429, [error(429, 'RESOURCE_EXHAUSTED')], 'rateLimited'],
    [500, error(500, 'INTERNAL'), 'server'],
    [503, error(503, 'UNAVAILABLE', 'The model is overloaded.'), 'overloaded'],
    [504, error(504, 'DEADLINE_EXCEEDED'), 'timeout'],
    [200, error(503, 'UNAVAILABLE'), 'overloaded'],
    [200, { error: { code: 429, message: 'm' } }, 'rateLimited'],
  ] as [number, Json, string][])('%s %j is %s', (status, body, kind) => {
    expect(codec.readFailure(status, body).kind).toBe(kind);
  });

  it('writes errors in Google’s words', () => {
    expect(codec.writeError(new WheelhouseError('model_not_found', 'No.'), 'r')).toMatchObject({
      error: { code: 404, status: 'NOT_FOUND', message: 'No.' },
    });
  });
});
