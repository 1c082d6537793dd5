import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GatewayHouse, startGatewayHouse } from './gateway-house.ts';

type Captured = { method: string; url: string; headers: Record<string, string>; body?: Record<string, unknown> };

const folder = join(import.meta.dirname, '..', 'fixtures', 'clients');
const captured = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name): [string, Captured] => [name.slice(0, -5), JSON.parse(readFileSync(join(folder, name), 'utf8'))]);

const anything = expect.anything();
const usage = { total_tokens: 18 };
/** What a whole answer looks like, by the path that was asked. */
const wholes: Record<string, object> = {
  '/v1/chat/completions': { object: 'chat.completion', choices: [{ message: { role: 'assistant' } }], usage },
  '/v1/responses': { object: 'response', status: 'completed', output: [{ type: 'message' }], usage },
  '/v1/embeddings': { object: 'list', data: anything, usage: anything },
  '/v1/models': { object: 'list', data: anything },
  '/v1/messages': { type: 'message', content: [{ type: 'text' }], usage: { output_tokens: 7 } },
  '/v1/messages/count_tokens': { input_tokens: 11 },
};
/** How a stream ends. */
const ends: Record<string, RegExp> = {
  '/v1/chat/completions': /\ndata: \[DONE\]\n\n$/,
  '/v1/responses': /\nevent: response\.completed\ndata: .+\n\n$/,
  '/v1/messages': /\nevent: message_stop\ndata: .+\n\n$/,
};

describe('requests captured from real clients, sent again', () => {
  let gateway: GatewayHouse;
  beforeAll(async () => {
    gateway = await startGatewayHouse();
  });
  afterAll(() => gateway?.stop());
  beforeEach(() => gateway.upstream.forget());

  it.each(captured)('%s', async (_, { method, url, headers, body }) => {
    const own = url.startsWith('/v1/messages') ? 'anthropic/' : 'openai/';
    const sent = body === undefined ? {} : { body: JSON.stringify({ ...body, model: `${own}${body.model}` }) };
    const response = await fetch(`${gateway.url}${url}`, { method, headers, ...sent });
    const text = await response.text();
    expect([response.status, text]).toEqual([200, anything]);
    if (body?.stream === true) expect(text).toMatch(ends[url] ?? /^$/);
    else expect(JSON.parse(text)).toMatchObject(wholes[url] ?? {});
    if (body === undefined) return;
    // What the client said reaches a vendor of its own dialect whole; only the model's name is the vendor's.
    const reached = gateway.upstream.calls.at(-1)?.body;
    const { stream_options: _asked, ...given } = body;
    expect(reached).toMatchObject(given);
  });
});
