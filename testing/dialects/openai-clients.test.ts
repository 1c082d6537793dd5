import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { codecOf } from '@wheelhouse/core/dialect';
import type { Dialect, ModelAnswer } from '@wheelhouse/core/ports';
import { jsonSchema, streamText, tool } from 'ai';
import OpenAI from 'openai';
import { expect, it } from 'vitest';
import { aFrame, inPieces, plainRequest } from './arbitraries.ts';

/** Everything that an answer may hold, in pieces of two characters, with the calls mixed. */
const answer: ModelAnswer = {
  id: 'vendor-1',
  model: 'vendor-model',
  created: 1_700_000_000,
  choices: [
    {
      index: 0,
      parts: [
        { type: 'reasoning', text: 'The weather, then the time.', signature: 'anthropic:sig', redacted: null },
        { type: 'text', text: 'Let me look: 👩‍👩‍👧.' },
        { type: 'toolCall', id: 'call_a', name: 'weather', arguments: '{"city":"Li\\u00e8ge"}' },
        { type: 'toolCall', id: 'call_b', name: 'now', arguments: '{}' },
      ],
      finishReason: 'toolCalls',
      stopSequence: null,
      logprobs: null,
    },
  ],
  usage: { counts: { inputUncached: 8, cacheRead: 2, outputText: 5, reasoning: 3, requests: 1 }, source: 'provider' },
  serviceTier: null,
};
const frame = aFrame({ ...plainRequest, stream: true });

function streamOf(dialect: Dialect, given: ModelAnswer): string {
  const writer = codecOf(dialect).createWriter(frame);
  const text = inPieces(given, [2]).map((event) => writer.write(event));
  return text.join('') + writer.end();
}

/** Answers every request with what our writer makes of the answer. */
const answering =
  (dialect: Dialect, given = answer): typeof fetch =>
  async () =>
    new Response(streamOf(dialect, given), { headers: { 'content-type': 'text/event-stream' } });

const clientOf = (dialect: Dialect, given = answer) =>
  new OpenAI({ apiKey: 'k', baseURL: 'http://gateway.test/v1', maxRetries: 0, fetch: answering(dialect, given) });

it("OpenAI's client puts a streamed chat completion together to the whole one", async () => {
  const stream = clientOf('openai-chat').chat.completions.stream({ model: 'm', messages: [] });
  const completion = await stream.finalChatCompletion();
  const [choice] = completion.choices;
  expect(choice?.message.content).toBe('Let me look: 👩‍👩‍👧.');
  expect(choice?.message.tool_calls).toMatchObject([
    { id: 'call_a', type: 'function', function: { name: 'weather', arguments: '{"city":"Li\\u00e8ge"}' } },
    { id: 'call_b', type: 'function', function: { name: 'now', arguments: '{}' } },
  ]);
  expect(choice?.finish_reason).toBe('tool_calls');
  expect(completion.usage).toMatchObject({ prompt_tokens: 10, completion_tokens: 8, total_tokens: 18 });
});

it("OpenAI's client puts a streamed response together to the whole one", async () => {
  const final = await clientOf('openai-responses').responses.stream({ model: 'm', input: 'hi' }).finalResponse();
  const { output_text: text, ...response } = final;
  expect(text).toBe('Let me look: 👩‍👩‍👧.');
  expect(response.output.map(({ type }) => type)).toEqual(['reasoning', 'message', 'function_call', 'function_call']);
  expect(response.status).toBe('completed');
  expect(response.usage).toMatchObject({ input_tokens: 10, output_tokens: 8 });
});

it("OpenAI's client reads a streamed completion", async () => {
  let text = '';
  for await (const chunk of await clientOf('openai-completions').completions.create({
    model: 'm',
    prompt: '',
    stream: true,
  }))
    text += chunk.choices[0]?.text ?? '';
  expect(text).toBe('Let me look: 👩‍👩‍👧.');
});

const anyTool = tool({ inputSchema: jsonSchema({ type: 'object' }), outputSchema: jsonSchema({}) });
const tools = { weather: anyTool, now: anyTool };

it.each([
  {
    name: 'responses',
    model: createOpenAI({ apiKey: 'k', baseURL: 'http://gateway.test/v1', fetch: answering('openai-responses') })('m'),
  },
  {
    name: 'chat completions',
    model: createOpenAICompatible({
      name: 'wheelhouse',
      baseURL: 'http://gateway.test/v1',
      fetch: answering('openai-chat'),
      includeUsage: true,
    })('m'),
  },
])('the AI SDK reads a stream of $name: reasoning, text, calls, usage', async ({ model }) => {
  const result = streamText({ model, prompt: 'hi', tools });
  expect(await result.text).toBe('Let me look: 👩‍👩‍👧.');
  expect(await result.reasoningText).toBe('The weather, then the time.');
  // In the order in which they are complete.
  const calls = (await result.toolCalls).map(({ toolCallId, toolName, input }) => [toolCallId, toolName, input]);
  expect(calls.toSorted()).toEqual([
    ['call_a', 'weather', { city: 'Liège' }],
    ['call_b', 'now', {}],
  ]);
  expect(await result.finishReason).toBe('tool-calls');
  expect(await result.usage).toMatchObject({ inputTokens: 10, outputTokens: 8 });
});

it.each(['openai-chat', 'openai-responses'] as const)(
  "OpenAI's client throws the error that ends a stream of %s",
  async (dialect) => {
    const writer = codecOf(dialect).createWriter(frame);
    const failure = { kind: 'cut' as const, message: 'The provider closed the connection.', code: null };
    const [start, ...events] = inPieces(answer, [2]);
    const text = [start, ...events.slice(0, 3), { type: 'error' as const, failure }].map(
      (event) => event && writer.write(event),
    );
    const fetch: typeof globalThis.fetch = async () =>
      new Response(text.join('') + writer.end(), { headers: { 'content-type': 'text/event-stream' } });
    const client = new OpenAI({ apiKey: 'k', baseURL: 'http://gateway.test/v1', maxRetries: 0, fetch });
    const read = async () => {
      const stream =
        dialect === 'openai-chat'
          ? await client.chat.completions.create({ model: 'm', messages: [], stream: true })
          : await client.responses.create({ model: 'm', input: 'hi', stream: true });
      for await (const _ of stream);
    };
    await expect(read()).rejects.toThrow('The provider closed the connection.');
  },
);
