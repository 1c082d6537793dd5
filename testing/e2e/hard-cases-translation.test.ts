import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ToolUse } from '../upstream/index.ts';
import { type GatewayHouse, type Shape, shapes, startGatewayHouse } from './gateway-house.ts';

const messages = [{ role: 'user' as const, content: 'How is the weather?' }];
/** Arguments that are cut inside of escapes, and a call without any. */
const uses: ToolUse[] = [
  {
    id: 'call_a',
    name: 'weather',
    arguments: '{"city":"Z\\u00fcrich","note":"a \\"quoted\\" \\\\ line\\n","days":[1,2,3]}',
  },
  { id: 'call_b', name: 'now', arguments: '' },
  { id: 'call_c', name: 'weather', arguments: '{"city":"漢字 🙂","exact":0.1}' },
];
const schema = { type: 'object', properties: { city: { type: 'string' } } };

type Used = { id: string; name: string; input: unknown };
type Ask = (
  stream: boolean,
  model: string,
) => Promise<{ uses: Used[]; finish: string | null | undefined; text: string }>;

describe('hard cases: translation', () => {
  let gateway: GatewayHouse;
  let asks: Record<'chat' | 'responses' | 'messages', Ask>;
  beforeAll(async () => {
    gateway = await startGatewayHouse();
    const openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'any', maxRetries: 0 });
    const anthropic = new Anthropic({ baseURL: gateway.url, apiKey: 'any', maxRetries: 0 });
    const functions = ['weather', 'now'].map((name) => ({ name, parameters: schema }));
    const parsed = (json: string) => JSON.parse(json || '{}') as unknown;
    asks = {
      async chat(stream, model) {
        const body = { model, messages, tools: functions.map((one) => ({ type: 'function' as const, function: one })) };
        const answer = await (stream
          ? openai.chat.completions.stream(body).finalChatCompletion()
          : openai.chat.completions.create(body));
        const [choice] = answer.choices;
        const calls = (choice?.message.tool_calls ?? []).flatMap((call) => (call.type === 'function' ? [call] : []));
        return {
          uses: calls.map(({ id, function: f }) => ({ id, name: f.name, input: parsed(f.arguments) })),
          finish: choice?.finish_reason,
          text: choice?.message.content ?? '',
        };
      },
      async responses(stream, model) {
        const tools = functions.map((one) => ({ type: 'function' as const, strict: false, ...one }));
        const body = { model, input: 'How is the weather?', tools };
        const answer = await (stream ? openai.responses.stream(body).finalResponse() : openai.responses.create(body));
        const calls = answer.output.flatMap((item) => (item.type === 'function_call' ? [item] : []));
        return {
          uses: calls.map(({ call_id, name, arguments: json }) => ({ id: call_id, name, input: parsed(json) })),
          finish: answer.status,
          text: answer.output_text,
        };
      },
      async messages(stream, model) {
        const tools = functions.map(({ name }) => ({ name, input_schema: { ...schema, type: 'object' as const } }));
        const body = { model, max_tokens: 64, messages, tools };
        const answer = await (stream
          ? anthropic.messages.stream(body).finalMessage()
          : anthropic.messages.create(body));
        const blocks = answer.content.flatMap((block) => (block.type === 'tool_use' ? [block] : []));
        return {
          uses: blocks.map(({ id, name, input }) => ({ id, name, input })),
          finish: answer.stop_reason,
          text: answer.content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
        };
      },
    };
  });
  afterAll(() => gateway?.stop());
  beforeEach(() => gateway.upstream.forget());

  const wanted = uses.map(({ name, arguments: json }) => ({ name, input: JSON.parse(json || '{}') }));
  const finishes = { chat: 'tool_calls', responses: 'completed', messages: 'tool_use' };
  const pairs = (Object.keys(finishes) as (keyof typeof finishes)[]).flatMap((from) =>
    shapes.map((to): [typeof from, Shape] => [from, to]),
  );

  it.each(pairs)('18: parallel tool calls from %s to %s: streamed as whole, ids and texts kept', async (from, to) => {
    gateway.upstream.on('m', { text: 'Let me look.', toolCalls: uses });
    const whole = await asks[from](false, `${to}/m`);
    const streamed = await asks[from](true, `${to}/m`);
    expect(whole.uses).toMatchObject(wanted);
    expect(streamed).toEqual(whole);
    expect([whole.finish, whole.text]).toEqual([finishes[from], 'Let me look.']);
    expect(whole.uses.map(({ id }) => id)).toEqual(uses.map(({ id }) => id));
  });

  it.each(pairs)('18: the other ends of %s to %s keep their meaning', async (from, to) => {
    const lengths = { chat: 'length', responses: 'incomplete', messages: 'max_tokens' };
    gateway.upstream.on('m', { text: 'Let me', finish: 'length' });
    for (const stream of [false, true])
      expect(await asks[from](stream, `${to}/m`)).toEqual({ uses: [], finish: lengths[from], text: 'Let me' });
  });

  const nested = {
    type: 'object',
    properties: {
      items: { type: 'array', items: { $ref: '#/$defs/item' } },
      note: { type: ['string', 'null'] },
    },
    required: ['items', 'note'],
    additionalProperties: false,
    $defs: {
      item: {
        type: 'object',
        properties: { size: { type: 'string', enum: ['s', 'm'] } },
        required: ['size'],
        additionalProperties: false,
      },
    },
  };
  const response_format = { type: 'json_schema', json_schema: { name: 'order', strict: true, schema: nested } };

  it.each(shapes)('19: a strict schema reaches %s, or is refused by name', async (shape) => {
    const text = '{"items":[{"size":"m"}],"note":null}';
    // Where a vendor has no schemas of its own, it is made to answer by a tool.
    gateway.upstream.on('m', ({ text: sent }) =>
      /"tool_choice"|"toolChoice"/.test(sent)
        ? {
            toolCalls: [
              {
                id: 'call_1',
                name: /"name":"(\w+)","(?:description|input_schema|inputSchema)"/.exec(sent)?.[1] ?? 'order',
                arguments: text,
              },
            ],
          }
        : { text },
    );
    const response = await gateway.post('/v1/chat/completions', { model: `${shape}/m`, messages, response_format });
    const body = await response.json();
    if (response.status === 400) {
      expect(body.error).toMatchObject({
        code: 'unsupported_by_model',
        message: expect.stringContaining('response_format'),
      });
      expect(gateway.upstream.calls).toEqual([]);
    } else {
      expect([response.status, JSON.parse(body.choices[0].message.content)]).toEqual([200, JSON.parse(text)]);
      for (const word of ['size', 'enum', 'note']) expect(gateway.upstream.calls[0]?.text).toContain(word);
    }
  });

  it('19: members that nobody knows pass to a vendor of the same dialect as they are', async () => {
    const own = { min_p: 0.1, guided: { regex: 'a+' }, big: 3 };
    await gateway.post('/v1/chat/completions', { model: 'openai/m', messages, ...own });
    expect(gateway.upstream.calls[0]?.body).toMatchObject({ ...own, messages });
    const exact = '{"model":"openai/m","seed":12345678901234567890,"messages":[{"role":"user","content":"a"}]}';
    await gateway.post('/v1/chat/completions', exact);
    expect(gateway.upstream.calls[1]?.text).toContain('"seed":12345678901234567890');
    await gateway.post('/v1/messages', { model: 'anthropic/m', max_tokens: 9, messages, own_member: { a: 1 } });
    expect(gateway.upstream.calls[2]?.body).toMatchObject({ own_member: { a: 1 } });
  });

  it.each(shapes.slice(1))('19: what %s cannot do is refused by name, before anything is sent', async (shape) => {
    const response = await gateway.post('/v1/chat/completions', {
      model: `${shape}/m`,
      messages,
      logit_bias: { 50256: -100 },
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { code: 'unsupported_by_model', param: 'logit_bias', message: expect.stringContaining('logit_bias') },
    });
    expect(gateway.upstream.calls).toEqual([]);
  });
});
