import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import Anthropic from '@anthropic-ai/sdk';
import { ChatOpenAI } from '@langchain/openai';
import { generateText, streamText } from 'ai';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Call } from '../upstream/index.ts';
import { type GatewayHouse, startGatewayHouse, traceIdOf } from './gateway-house.ts';

type Span = Awaited<ReturnType<GatewayHouse['spansOf']>>[number];

/** What was asked last, as text, in either dialect of OpenAI. */
function lastAsked({ body }: Call): string {
  const said = (body.messages ?? body.input) as { content: string | { text: string }[] }[] | string;
  const content = typeof said === 'string' ? said : said.at(-1)?.content;
  return typeof content === 'string' ? content : (content ?? []).map(({ text }) => text).join('');
}

/** The vendor's model classifies, and answers by what it was told. */
const speaks = (call: Call) => {
  const asked = lastAsked(call);
  if (asked.startsWith('Classify:')) return { text: asked.includes('invoice') ? 'billing' : 'other' };
  return { text: `Answer to ${asked}` };
};

/** What is under test calls out to it: an HTTP API, and code that is served. */
type Answer = (body: Record<string, unknown>, req: IncomingMessage, res: ServerResponse) => void;
const outside = new Map<string, Answer>();
const sendJson = (res: ServerResponse, status: number, body: object) => {
  res.writeHead(status, { 'content-type': 'application/json' });
  res.end(JSON.stringify(body));
};
const sendEvents = (res: ServerResponse, events: [string, object][]) => {
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  res.end(events.map(([event, data]) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`).join(''));
};

function startOutside(): Promise<Server> {
  const server = createServer(async (req, res) => {
    let text = '';
    for await (const piece of req) text += piece;
    const answer = outside.get(req.url ?? '');
    if (answer) answer(text === '' ? {} : JSON.parse(text), req, res);
    else sendJson(res, 404, {});
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

type SseEvent = { event: string; data: Record<string, unknown> };
const eventsOf = (text: string): SseEvent[] =>
  text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => {
      const [event = '', data = ''] = block.split('\n').map((line) => line.replace(/^\w+: /, ''));
      return { event, data: JSON.parse(data) };
    });

const stepOf = (span: Span) => span.attributes['wheelhouse.step'];

describe('registered models of every kind', () => {
  let gateway: GatewayHouse;
  let openai: OpenAI;
  let server: Server;
  let outsideUrl: string;
  const publish = (name: string, definition: object, signature?: object) =>
    gateway.house.client.call('createModel', {
      body: { name, version: { definition, ...(signature ? { signature } : {}) } } as never,
    });
  const predict = (name: string, body: object, headers: Record<string, string> = {}) =>
    gateway.post(`/api/v1/models/${encodeURIComponent(name)}/predict`, body, headers);

  beforeAll(async () => {
    server = await startOutside();
    outsideUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    gateway = await startGatewayHouse();
    openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'any', maxRetries: 0 });
    await publish('triage', {
      flavor: 'prompt',
      baseModel: 'openai/m',
      template: 'Classify: {{question}}',
    });
    await publish('reply', {
      flavor: 'prompt',
      baseModel: 'openai/m',
      messages: [{ role: 'user', content: '{{label}}: {{question}}' }],
    });
    await publish('desk', {
      flavor: 'chain',
      steps: [
        { id: 'triage', do: 'prompt', model: 'triage@1', input: { question: { $from: '/input/question' } } },
        {
          id: 'reply',
          do: 'prompt',
          model: 'reply@1',
          input: { question: { $from: '/input/question' }, label: { $from: '/steps/triage' } },
        },
      ],
    });
  });
  afterAll(async () => {
    await gateway?.stop();
    server?.close();
  });
  beforeEach(() => {
    outside.clear();
    gateway.upstream.forget();
    gateway.upstream.on('m', speaks);
  });

  const question = 'Where is my invoice?';
  const answer = 'Answer to billing: Where is my invoice?';

  it('a chain answers the OpenAI SDK, whole and streamed alike, and its trace shows the run and its steps', async () => {
    const messages = [{ role: 'user' as const, content: question }];
    const { data, response } = await openai.chat.completions.create({ model: 'desk@1', messages }).withResponse();
    expect(data.choices[0]).toMatchObject({ finish_reason: 'stop', message: { role: 'assistant', content: answer } });
    expect(data).toMatchObject({ model: 'desk@1', usage: { prompt_tokens: 22, completion_tokens: 14 } });

    const stream = openai.chat.completions.stream({ model: 'desk@1', messages });
    const pieces: string[] = [];
    stream.on('content', (piece) => pieces.push(piece));
    expect((await stream.finalChatCompletion()).choices[0]?.message.content).toBe(answer);
    expect(pieces.length).toBeGreaterThan(2);

    const spans = await gateway.spansOf(traceIdOf(response));
    const run = spans.find((span) => span.parentSpanId === null);
    expect(run).toMatchObject({
      kind: 'chain',
      name: 'predict desk@1',
      status: 'ok',
      model: 'desk@1',
      input: { type: 'json', value: { question } },
      output: { type: 'json', value: answer },
    });
    const steps = spans.filter((span) => stepOf(span) !== undefined);
    expect(steps.map(stepOf).sort()).toEqual(['reply', 'triage']);
    for (const step of steps) {
      expect(step.parentSpanId).toBe(run?.spanId);
      const call = spans.find(({ parentSpanId }) => parentSpanId === step.spanId);
      expect(call).toMatchObject({ kind: 'generation', model: `${stepOf(step)}@1` });
    }
    expect(steps.find((step) => stepOf(step) === 'triage')).toMatchObject({ output: { value: 'billing' } });
  });

  it('predict answers by the API’s own form', async () => {
    const response = await predict('desk', { version: 1, input: { question } });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      output: answer,
      text: answer,
      model: { name: 'desk', version: 1, alias: null },
      traceId: traceIdOf(response),
      usage: { inputTokens: 22, outputTokens: 14 },
    });
  });

  it('predict streams text as it comes, and ends with the output', async () => {
    const response = await predict('desk@1', { input: { question }, stream: true });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const events = eventsOf(await response.text());
    const texts = events.filter(({ event }) => event === 'text').map(({ data }) => data.text);
    expect(texts.length).toBeGreaterThan(2);
    expect(texts.join('')).toBe(answer);
    expect(events.at(-1)).toMatchObject({ event: 'output', data: { output: answer, traceId: traceIdOf(response) } });
  });

  it('predict answers each of many inputs for itself, in their order', async () => {
    const inputs = [{ question }, { wrong: 1 }, question, 7];
    const { data } = (await (await predict('desk@1', { inputs, concurrency: 2 })).json()) as {
      data: { output?: unknown; error?: { code: string; message: string } }[];
    };
    expect(data.map(({ output, error }) => output ?? error?.code)).toEqual([
      answer,
      'signature_mismatch',
      answer,
      'signature_mismatch',
    ]);
    expect(data[1]?.error?.message).toMatch(/`question` is missing/);
  });

  it.each([
    ['/v1/chat/completions', { messages: [{ role: 'user', content: question }] }],
    ['/v1/completions', { prompt: question }],
    ['/v1/responses', { input: question }],
    ['/v1/messages', { max_tokens: 100, messages: [{ role: 'user', content: question }] }],
  ])('a chain answers at %s, whole and streamed', async (path, body) => {
    const whole = await gateway.post(path, { model: 'desk@1', ...body });
    expect(whole.status).toBe(200);
    expect(await whole.text()).toContain(answer);
    const streamed = await gateway.post(path, { model: 'desk@1', stream: true, ...body });
    expect(streamed.headers.get('content-type')).toContain('text/event-stream');
    const pieces = [...(await streamed.text()).matchAll(/"(?:content|text|delta)":"((?:[^"\\]|\\.)*)"/g)].map(
      ([, one]) => one,
    );
    expect(pieces.join('')).toContain(answer);
    expect(pieces.length).toBeGreaterThan(2);
    const refused = await gateway.post(path, { model: 'desk@9', ...body });
    expect(refused.status).toBe(404);
  });

  it('clients of every kind call it as they call any model', async () => {
    const model = 'desk@1';
    const options = { baseURL: `${gateway.url}/v1`, apiKey: 'any' };
    const langchain = new ChatOpenAI({ model, apiKey: 'any', configuration: options });
    expect((await langchain.invoke(question)).content).toBe(answer);
    let streamed = '';
    for await (const { content } of await langchain.stream(question)) streamed += content;
    expect(streamed).toBe(answer);
    const makers = [createOpenAI(options).chat(model), createOpenAI(options)(model), createAnthropic(options)(model)];
    for (const maker of makers) {
      expect((await generateText({ model: maker, prompt: question })).text).toBe(answer);
      const result = streamText({ model: maker, prompt: question });
      expect(await result.text).toBe(answer);
      expect(await result.usage).toMatchObject({ outputTokens: 14 });
    }
    const anthropic = new Anthropic({ baseURL: gateway.url, apiKey: 'any', maxRetries: 0 });
    const asked = { model, max_tokens: 100, messages: [{ role: 'user' as const, content: question }] };
    expect((await anthropic.messages.create(asked)).content).toMatchObject([{ type: 'text', text: answer }]);
    expect(await anthropic.messages.stream(asked).finalText()).toBe(answer);
    const responses = openai.responses.stream({ model, input: question });
    expect((await responses.finalResponse()).output_text).toBe(answer);
  });

  it('variables come by header, and as the stored prompt of OpenAI', async () => {
    const variables = { label: 'größe', question: 'why' };
    const headers = { 'x-wheelhouse-variables': encodeURIComponent(JSON.stringify(variables)) };
    const { choices } = await openai.chat.completions.create({ model: 'reply@1', messages: [] }, { headers });
    expect(choices[0]?.message.content).toBe('Answer to größe: why');
    const plain = { 'x-wheelhouse-variables': '{"label":"100%","question":"why"}' };
    const also = await openai.chat.completions.create({ model: 'reply@1', messages: [] }, { headers: plain });
    expect(also.choices[0]?.message.content).toBe('Answer to 100%: why');
    const prompt = {
      id: 'reply',
      version: '1',
      variables: { label: 'a', question: { type: 'input_text', text: 'b' } },
    };
    const response = await openai.responses.create({ prompt: prompt as never });
    expect(response.output_text).toBe('Answer to a: b');
    const chain = await openai.responses.create({ prompt: { id: 'desk', version: '1', variables: { question } } });
    expect(chain.output_text).toBe(answer);
    const bad = await gateway.post(
      '/v1/chat/completions',
      { model: 'reply@1', messages: [] },
      { 'x-wheelhouse-variables': '[1]' },
    );
    expect([bad.status, await bad.text()]).toEqual([400, expect.stringContaining('x-wheelhouse-variables')]);
  });

  it('code steps run in a sandbox, and an error names its step', async () => {
    await publish('sums', {
      flavor: 'chain',
      steps: [
        {
          id: 'add',
          do: 'code',
          source:
            'export const main = ({ numbers }) => ({ sum: numbers.reduce((a, b) => a + b, 0), net: typeof fetch });',
        },
      ],
    });
    const good = await predict('sums@1', { input: { numbers: [1, 2, 3] } });
    expect(await good.json()).toMatchObject({ output: { sum: 6, net: 'undefined' }, usage: null, costNanoUsd: null });
    const bad = await predict('sums@1', { input: { numbers: 7 } });
    expect([bad.status, await bad.json()]).toMatchObject([
      422,
      { error: { code: 'code_failed', message: expect.stringMatching(/add.*TypeError/s) } },
    ]);
  });

  it('an endpoint answers like any model', async () => {
    outside.set('/search?q=a%20%26%20b', (_, req, res) =>
      sendJson(res, 200, { hits: [{ text: `found by ${req.method}` }] }),
    );
    outside.set('/search?q=broken', (_, __, res) => sendJson(res, 503, { reason: 'down' }));
    await publish(
      'search',
      {
        flavor: 'endpoint',
        url: `${outsideUrl}/search?q={{input.question}}`,
        method: 'GET',
        output: { $from: '/body/hits/0/text' },
      },
      {
        input: { type: 'object', properties: { question: { type: 'string' } }, required: ['question'] },
        output: { type: 'string' },
      },
    );
    const messages = [{ role: 'user' as const, content: 'a & b' }];
    const { choices } = await openai.chat.completions.create({ model: 'search@1', messages });
    expect(choices[0]?.message.content).toBe('found by GET');
    const down = await predict('search@1', { input: { question: 'broken' } });
    expect([down.status, await down.json()]).toMatchObject([502, { error: { code: 'upstream_failed' } }]);
  });

  it('code is served by a host for as long as its lease is renewed', async () => {
    await publish('bot', { flavor: 'code', runtime: 'node', entry: 'bot.ts', hash: 'a'.repeat(64), streams: true });
    const nobody = await predict('bot@1', { input: { q: 'x' } });
    expect([nobody.status, await nobody.json()]).toMatchObject([
      502,
      { error: { code: 'upstream_unreachable', hint: expect.stringContaining('wheelhouse serve') } },
    ]);
    const { client } = gateway.house;
    const host = { model: 'bot', version: 1 };
    const away = await client.call('registerHost', { body: { ...host, url: 'http://127.0.0.1:9/predict' } });
    const { id, token } = await client.call('registerHost', { body: { ...host, url: `${outsideUrl}/bot` } });
    outside.set('/bot', (body, req, res) => {
      const { q } = body.input as { q: string };
      if (req.headers.authorization !== `Bearer ${token}`) return sendJson(res, 401, {});
      if (q === 'fail') return sendJson(res, 500, { error: { message: 'It is not in the mood.' } });
      const parent = String(req.headers.traceparent).split('-')[1];
      const text = `${q} of ${parent}`;
      if (!body.stream) return sendJson(res, 200, { output: text });
      sendEvents(res, [
        ['text', { text: `${q} ` }],
        ['text', { text: `of ${parent}` }],
        ['output', { output: text }],
      ]);
    });
    const whole = await predict('bot@1', { input: { q: 'x' } });
    expect(await whole.json()).toMatchObject({ output: `x of ${traceIdOf(whole)}` });
    const streamed = await predict('bot@1', { input: { q: 'y' }, stream: true });
    expect(eventsOf(await streamed.text()).map(({ data }) => data.text ?? data.output)).toEqual([
      'y ',
      `of ${traceIdOf(streamed)}`,
      `y of ${traceIdOf(streamed)}`,
    ]);
    const failed = await predict('bot@1', { input: { q: 'fail' } });
    expect([failed.status, await failed.json()]).toMatchObject([
      422,
      { error: { code: 'code_failed', message: expect.stringContaining('It is not in the mood.') } },
    ]);
    expect(await client.call('renewHost', { params: { hostId: id } })).toMatchObject({ id });
    expect((await client.call('listHosts', {})).data.map((one) => one.id)).toEqual([away.id, id]);
    expect(await client.call('removeHost', { params: { hostId: id } })).toEqual({ removed: true });
    await expect(client.call('renewHost', { params: { hostId: id } })).rejects.toMatchObject({ code: 'not_found' });
    expect((await predict('bot@1', { input: { q: 'x' } })).status).toBe(502);
  });

  it('a run that failed goes on where it stopped', async () => {
    let refuses = true;
    gateway.upstream.on('m', (call) =>
      !lastAsked(call).startsWith('Classify:') && refuses
        ? { status: 400, body: '{"error":{"message":"no"}}' }
        : speaks(call),
    );
    const failed = await predict('desk@1', { input: { question } });
    expect([failed.status, await failed.json()]).toMatchObject([
      400,
      { error: { message: expect.stringContaining('reply') } },
    ]);
    refuses = false;
    await gateway.spansOf(traceIdOf(failed));
    const resumed = await predict('desk@1', { input: { question }, resume: traceIdOf(failed) });
    expect(await resumed.json()).toMatchObject({ output: answer });
    const asked = gateway.upstream.of('m').map(lastAsked);
    expect(asked.filter((text) => text.startsWith('Classify:'))).toHaveLength(1);
    const spans = await gateway.spansOf(traceIdOf(resumed));
    const triage = spans.find((span) => stepOf(span) === 'triage');
    expect(triage).toMatchObject({ status: 'ok', attributes: { 'wheelhouse.step.resumed': true } });
    const nothing = await predict('desk@1', { input: { question }, resume: '1'.repeat(32) });
    expect(nothing.status).toBe(404);
  });

  it('ends with the caller, and when its time is over', async () => {
    gateway.upstream.on('m', { silent: true });
    const controller = new AbortController();
    const left = fetch(`${gateway.url}/api/v1/models/desk%401/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ input: { question } }),
      signal: controller.signal,
    }).catch((error: Error) => error.name);
    await expect.poll(() => gateway.upstream.of('m').length).toBe(1);
    controller.abort();
    expect(await left).toBe('AbortError');
    await expect.poll(() => gateway.upstream.of('m')[0]?.state).toBe('left');
    const headers = { 'x-wheelhouse-deadline-ms': '50' };
    const late = await predict('desk@1', { input: { question } }, headers);
    expect([late.status, await late.json()]).toMatchObject([504, { error: { code: 'upstream_timeout' } }]);
    const messages = [{ role: 'user' as const, content: question }];
    await expect(openai.chat.completions.create({ model: 'desk@1', messages }, { headers })).rejects.toMatchObject({
      status: 504,
    });
  });

  it('models that call one another in a circle are stopped', async () => {
    const { client } = gateway.house;
    const chainOf = (model: string) => ({ flavor: 'chain', steps: [{ id: 'next', do: 'prompt', model }] });
    const moveTo = (version: number) =>
      client.call('moveAlias', { params: { name: 'ring', alias: 'production' }, body: { version } });
    await publish('ring', { flavor: 'prompt', baseModel: 'openai/m', template: '{{question}}' });
    await moveTo(1);
    await publish('other', chainOf('ring@production'));
    await client.call('createVersion', { params: { name: 'ring' }, body: { definition: chainOf('other@1') } as never });
    await moveTo(2);
    const response = await predict('ring', { input: { question } });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { message: expect.stringMatching(/more than 8 deep.*ring@production → other@1/) } },
    ]);
  });

  it('evaluations compare models of different kinds', async () => {
    const { client } = gateway.house;
    await client.call('createDataset', { body: { name: 'questions' } });
    await client.call('addExamples', {
      params: { name: 'questions' },
      body: { examples: [{ input: { question }, expected: answer }] },
    });
    await client.call('freezeDataset', { params: { name: 'questions' } });
    const { id } = await client.call('createEvaluation', {
      body: { dataset: 'questions', runs: [{ ref: 'desk@1' }, { ref: 'triage@1' }], scorers: ['exact'] },
    });
    const read = () => client.call('getEvaluation', { params: { evaluationId: id } });
    await expect.poll(async () => (await read()).status, { timeout: 30_000 }).toBe('completed');
    const rows = await client.call('listEvaluationRows', { params: { evaluationId: id } });
    const [a, b] = (await read()).runs.map((run) => rows.data[0]?.cells[run.id]);
    expect(a).toMatchObject([{ output: answer, error: null, scores: { exact: { ok: true, score: 1 } } }]);
    expect(b).toMatchObject([{ output: 'billing', error: null }]);
  });

  it('an alias is moved under load without a failed call, and the next call is answered by the new version', async () => {
    const { client } = gateway.house;
    const versionOf = (mark: string) => ({ flavor: 'prompt', baseModel: 'openai/m', template: `${mark} {{question}}` });
    const moveTo = (version: number) =>
      client.call('moveAlias', { params: { name: 'moving', alias: 'production' }, body: { version } });
    await publish('moving', versionOf('one'));
    await client.call('createVersion', { params: { name: 'moving' }, body: { definition: versionOf('two') } as never });
    await moveTo(1);
    const ask = async () => {
      const variables = { question: 'x' };
      const response = await gateway.post('/v1/chat/completions', { model: 'moving', messages: [], variables });
      return `${response.status} ${/Answer to (one|two)/.exec(await response.text())?.[1]}`;
    };
    const answers: string[] = [];
    const perTick = 4;
    // 200 calls a second.
    for (let tick = 0; tick < 50; tick++) {
      const calls = Array.from({ length: perTick }, ask);
      if (tick === 25) {
        await moveTo(2);
        answers.push(await ask());
        expect(answers.at(-1)).toBe('200 two');
      }
      answers.push(...(await Promise.all(calls)));
    }
    expect(new Set(answers)).toEqual(new Set(['200 one', '200 two']));
  });
});
