import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openAiFault } from '../dialects/index.ts';
import type { Behaviour } from '../upstream/index.ts';
import { type GatewayHouse, shapes, startGatewayHouse } from './gateway-house.ts';
import { readStream } from './read-stream.ts';

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

/** What OpenAI's specification calls the answers of its endpoints. */
const schemas: Record<string, { whole: string; event?: string }> = {
  '/v1/chat/completions': { whole: 'CreateChatCompletionResponse', event: 'CreateChatCompletionStreamResponse' },
  '/v1/completions': { whole: 'CreateCompletionResponse' },
  '/v1/responses': { whole: 'Response', event: 'ResponseStreamEvent' },
  '/v1/embeddings': { whole: 'CreateEmbeddingResponse' },
  '/v1/models': { whole: 'ListModelsResponse' },
};
const isError = (value: unknown) =>
  typeof value === 'object' && value !== null && 'error' in value && !('object' in value);

/** All that the specification has against an answer, whole or streamed, good or not. */
async function faultsOf(url: string, response: Response): Promise<(string | null)[]> {
  const { whole, event = whole } = schemas[url] ?? { whole: 'no schema' };
  const { text, events } = await readStream(response);
  if (response.status >= 400) return [openAiFault('ErrorResponse', JSON.parse(text))];
  if (!(response.headers.get('content-type') ?? '').includes('event-stream'))
    return [openAiFault(whole, JSON.parse(text))];
  expect(events.length).toBeGreaterThan(0);
  return events
    .filter((data) => data !== '[DONE]')
    .map((data) => openAiFault(isError(data) ? 'ErrorResponse' : event, data));
}

describe('requests captured from real clients, sent again', () => {
  let gateway: GatewayHouse;
  beforeAll(async () => {
    gateway = await startGatewayHouse();
  });
  afterAll(() => gateway?.stop());
  beforeEach(() => gateway.upstream.forget());

  const send = ({ method, url, headers, body }: Captured, model: string) => {
    const sent = body === undefined ? {} : { body: JSON.stringify({ ...body, model }) };
    return fetch(`${gateway.url}${url}`, { method, headers, ...sent });
  };

  it.each(captured)('%s', async (_, request) => {
    const { url, body } = request;
    const own = url.startsWith('/v1/messages') ? 'anthropic/' : 'openai/';
    const response = await send(request, `${own}${body?.model}`);
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

  const toOpenAi = captured.filter(([, { url }]) => schemas[url] !== undefined);
  const conversations = toOpenAi.filter(([, { url }]) => schemas[url]?.event !== undefined);
  const weather = { id: 'call_1', name: 'weather', arguments: '{"city":"Zürich"}' };
  const answers: [string, Behaviour][] = [
    ['a text', { text: 'Two and two is four.' }],
    ['thoughts and calls of tools', { reasoning: 'Let me see.', toolCalls: [weather, { ...weather, id: 'call_2' }] }],
    ['an answer that was cut short', { text: 'Two and', finish: 'length' }],
    ['an answer that was held back', { text: 'Two', finish: 'contentFilter' }],
    ['a refusal', { status: 400 }],
    ['too many requests', { status: 429, headers: { 'retry-after': '0' } }],
    ['a failure', { status: 500 }],
    ['a failure in the middle', { words: 9, errorAfter: 3 }],
    ['an answer that is cut off', { words: 9, cutAfter: 3 }],
  ];

  describe.each(shapes)('are answered by %s as the specification of OpenAI says', (shape) => {
    it.each(answers)('with %s', async (_, behaviour) => {
      gateway.upstream.on('m', behaviour);
      for (const [name, request] of conversations) {
        const faults = await faultsOf(request.url, await send(request, `${shape}/m`));
        expect([name, ...faults.filter((fault) => fault !== null)]).toEqual([name]);
      }
    });
  });

  it('are answered as the specification says where they ask for vectors, lists, or what nobody has', async () => {
    for (const [name, request] of toOpenAi) {
      const makers = ['openai/m', 'gemini/m', 'bedrock/amazon.titan-embed-text-v2:0', 'bedrock/cohere.embed-v4:0'];
      for (const model of request.url === '/v1/embeddings' ? [...makers, 'sim/nobody'] : ['sim/nobody']) {
        // The specification knows no base64.
        const numbers = request.url === '/v1/embeddings' ? { encoding_format: 'float' } : {};
        const asked = request.body ? { ...request, body: { ...request.body, ...numbers } } : request;
        const faults = await faultsOf(request.url, await send(asked, model));
        // Who counts nothing is not made to say 0, which would be a price.
        const counts = !/^gemini|cohere/.test(model);
        const wrong = faults.filter((fault) => fault !== null && (counts || !fault.startsWith('`usage` is missing')));
        expect([name, model, ...wrong]).toEqual([name, model]);
      }
    }
    const old: Captured = { method: 'POST', url: '/v1/completions', headers: { 'content-type': 'application/json' } };
    for (const body of [{ prompt: 'a' }, { prompt: 7 }])
      expect(
        (await faultsOf(old.url, await send({ ...old, body }, 'openai/m'))).filter((fault) => fault !== null),
      ).toEqual([]);
  });
});
