import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';

type Case = {
  what: string;
  path: string;
  method?: string;
  body?: string | Uint8Array;
  headers?: Record<string, string>;
  status: number;
  code: string;
  param?: string;
};

const json = { 'content-type': 'application/json' };
const chat = { path: '/v1/chat/completions', method: 'POST', headers: json };
const ask = (more: object) =>
  JSON.stringify({ model: 'sim/echo', messages: [{ role: 'user', content: 'hi' }], ...more });
const fiftyMegabytes = 50 * 1024 * 1024;

const gateway: Case[] = [
  { what: 'malformed JSON', ...chat, body: '{"model": "sim/echo",', status: 400, code: 'invalid_json' },
  { what: 'an empty body', ...chat, body: '', status: 400, code: 'invalid_json' },
  { what: 'a body that is no object', ...chat, body: '[1]', status: 400, code: 'invalid_json' },
  {
    what: 'a model that is no text',
    ...chat,
    body: ask({ model: 5 }),
    status: 400,
    code: 'invalid_request',
    param: 'model',
  },
  { what: 'no model', ...chat, body: ask({ model: undefined }), status: 400, code: 'invalid_request', param: 'model' },
  {
    what: 'messages that are no list',
    ...chat,
    body: ask({ messages: 'hi' }),
    status: 400,
    code: 'invalid_request',
    param: 'messages',
  },
  {
    what: 'a stream flag that is no boolean',
    ...chat,
    body: ask({ stream: 'yes' }),
    status: 400,
    code: 'invalid_request',
    param: 'stream',
  },
  {
    what: 'an unknown model',
    ...chat,
    body: ask({ model: 'nobody@production' }),
    status: 404,
    code: 'model_not_found',
    param: 'model',
  },
  {
    what: 'an unknown version',
    ...chat,
    body: ask({ model: 'needs-a-city@9' }),
    status: 404,
    code: 'model_not_found',
    param: 'model',
  },
  {
    what: 'an unknown simulated model',
    ...chat,
    body: ask({ model: 'sim/nobody' }),
    status: 404,
    code: 'model_not_found',
    param: 'model',
  },
  {
    what: 'a missing variable',
    ...chat,
    body: ask({ model: 'needs-a-city@1' }),
    status: 400,
    code: 'signature_mismatch',
    param: 'variables',
  },
  {
    what: 'a variable of the wrong type',
    ...chat,
    body: ask({ model: 'needs-a-city@1', variables: { city: 5 } }),
    status: 400,
    code: 'signature_mismatch',
    param: 'variables',
  },
  {
    what: 'a missing upstream key',
    ...chat,
    body: ask({ model: 'openai/gpt-4o-mini' }),
    status: 400,
    code: 'upstream_key_missing',
  },
  {
    what: 'an upstream that is down',
    ...chat,
    body: ask({ model: 'down/some-model' }),
    status: 502,
    code: 'upstream_unreachable',
  },
  {
    what: 'a body of 50 MB',
    ...chat,
    body: ask({ user: 'x'.repeat(fiftyMegabytes) }),
    status: 413,
    code: 'body_too_large',
  },
  {
    what: 'a foreign Origin',
    ...chat,
    headers: { ...json, origin: 'https://evil.example' },
    body: ask({}),
    status: 403,
    code: 'forbidden_origin',
  },
  { what: 'the wrong method', path: '/v1/chat/completions', method: 'GET', status: 405, code: 'method_not_allowed' },
  {
    what: 'an unknown path',
    path: '/v1/nothing',
    method: 'POST',
    headers: json,
    body: '{}',
    status: 404,
    code: 'not_found',
  },
];

/** A model whose steps hold steps, so many deep. */
function nestedChain(depth: number): string {
  const head = '{"id":"a","do":"retry","steps":[';
  const steps = `[${head.repeat(depth)}{"id":"b","do":"prompt","model":"sim/echo"}${']}'.repeat(depth)}]`;
  return `{"name":"deep","version":{"definition":{"flavor":"chain","steps":${steps}}}}`;
}

const api: Case[] = [
  {
    what: 'malformed JSON',
    path: '/api/v1/models',
    method: 'POST',
    headers: json,
    body: '{',
    status: 400,
    code: 'invalid_json',
  },
  {
    what: 'a name with a space',
    path: '/api/v1/models',
    method: 'POST',
    headers: json,
    body: '{"name":"a b"}',
    status: 400,
    code: 'invalid_request',
    param: 'name',
  },
  {
    what: 'a chain that is nested without end',
    path: '/api/v1/models',
    method: 'POST',
    headers: json,
    body: nestedChain(5_000),
    status: 400,
    code: 'invalid_request',
  },
  {
    what: 'an alias that is a number',
    path: '/api/v1/models/needs-a-city/aliases/2',
    method: 'PUT',
    headers: json,
    body: '{"version":1}',
    status: 400,
    code: 'invalid_request',
  },
  {
    what: 'a name that is taken',
    path: '/api/v1/datasets',
    method: 'POST',
    headers: json,
    body: '{"name":"empty"}',
    status: 409,
    code: 'conflict',
  },
  {
    what: 'freezing nothing',
    path: '/api/v1/datasets/empty/versions',
    method: 'POST',
    headers: json,
    body: '{}',
    status: 400,
    code: 'dataset_empty',
  },
  { what: 'an unknown trace', path: `/api/v1/traces/${'a'.repeat(32)}`, status: 404, code: 'not_found' },
  {
    what: 'a trace id that is none',
    path: '/api/v1/traces/zzz',
    status: 400,
    code: 'invalid_request',
    param: 'traceId',
  },
  {
    what: 'a limit that is no number',
    path: '/api/v1/traces?limit=many',
    status: 400,
    code: 'invalid_request',
    param: 'limit',
  },
  {
    what: 'a cursor that is none',
    path: '/api/v1/traces?cursor=%00%27--',
    status: 400,
    code: 'invalid_request',
    param: 'cursor',
  },
  {
    what: 'an evaluation on an unknown dataset',
    path: '/api/v1/evaluations',
    method: 'POST',
    headers: json,
    body: '{"dataset":"nobody","runs":[{"ref":"sim/echo"}]}',
    status: 404,
    code: 'not_found',
  },
  { what: 'an unknown path', path: '/api/v1/nothing', status: 404, code: 'not_found' },
];

/** Sends bytes as they are; reads the answer even when the server stops reading the body early. */
function send(url: string, { method = 'GET', headers = {}, body }: Pick<Case, 'method' | 'headers' | 'body'>) {
  return new Promise<{ status: number; type: string; body: Buffer }>((resolve, reject) => {
    const call = request(url, {
      method,
      headers: body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
    });
    let answered = false;
    call.on('response', (response) => {
      answered = true;
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          body: Buffer.concat(chunks),
        }),
      );
    });
    call.on('error', (error) => {
      if (!answered) reject(error);
    });
    call.end(body);
  });
}

const stackTrace = /\n\s+at |node:internal|node_modules|file:\/\//;

describe('bad input', () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let house: Wheelhouse;

  beforeAll(async () => {
    folder = await makeFolder({ providers: { down: { baseUrl: 'http://127.0.0.1:1/v1', apiKey: 'x' } } });
    house = await startWheelhouse({ folder: folder.path });
    const messages = [{ role: 'system' as const, content: 'You know {{city}}.' }];
    const definition = { flavor: 'prompt' as const, baseModel: 'sim/echo', messages };
    await house.client.call('createModel', { body: { name: 'needs-a-city', version: { definition } } });
    await house.client.call('createDataset', { body: { name: 'empty' } });
  });
  afterAll(async () => {
    await house?.stop();
    await folder?.remove();
  });

  const expectHealthy = async () => {
    expect(await send(`${house.url}/readyz`, {})).toMatchObject({ status: 200 });
    const { status, body } = await send(`${house.url}/v1/chat/completions`, {
      method: 'POST',
      headers: json,
      body: ask({}),
    });
    expect({ status, answer: JSON.parse(body.toString()).choices?.[0]?.message?.content }).toEqual({
      status: 200,
      answer: 'hi',
    });
  };

  it.each([...gateway.map((one) => ({ ...one, where: 'gateway' })), ...api.map((one) => ({ ...one, where: 'API' }))])(
    '$where: $what is refused with $code and a hint, and the server goes on',
    async ({ path, status, code, param, ...rest }) => {
      const answer = await send(`${house.url}${path}`, rest);
      const text = answer.body.toString();
      expect(text).not.toMatch(stackTrace);
      const { error } = JSON.parse(text);
      expect({ status: answer.status, code: error.code }).toEqual({ status, code });
      if (param !== undefined) expect(error.param).toBe(param);
      for (const field of ['message', 'type', 'hint']) expect(error[field]).toMatch(/\S/);
      await expectHealthy();
    },
  );

  it('gives the OpenAI SDK errors that it knows', async () => {
    const openai = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: 'anything', maxRetries: 0 });
    const calling = openai.chat.completions.create({ model: 'nobody@1', messages: [{ role: 'user', content: 'hi' }] });
    const error = await calling.catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect(error).toMatchObject({ status: 404, code: 'model_not_found', param: 'model', type: 'not_found_error' });
  });

  const protobuf = { 'content-type': 'application/x-protobuf' };
  const otlp: (Omit<Case, 'path' | 'code'> & { code: RegExp })[] = [
    {
      what: 'invalid protobuf',
      headers: protobuf,
      body: Buffer.from('no protobuf at all'),
      status: 400,
      code: /protobuf|ExportTraceServiceRequest/i,
    },
    {
      what: 'cut protobuf',
      headers: protobuf,
      body: Buffer.from([0x0a, 0xff, 0x01, 0x02]),
      status: 400,
      code: /protobuf|ExportTraceServiceRequest/i,
    },
    { what: 'malformed JSON', headers: json, body: '{"resourceSpans":', status: 400, code: /JSON/ },
    { what: 'JSON of another shape', headers: json, body: '{"resourceSpans":5}', status: 400, code: /resourceSpans/ },
    {
      what: 'gzip that is none',
      headers: { ...protobuf, 'content-encoding': 'gzip' },
      body: Buffer.from('plain'),
      status: 400,
      code: /gzip/i,
    },
    {
      what: 'gzip of 50 MB',
      headers: { ...protobuf, 'content-encoding': 'gzip' },
      body: gzipSync(Buffer.alloc(fiftyMegabytes)),
      status: 413,
      code: /large|bytes|MiB/i,
    },
    {
      what: 'another content type',
      headers: { 'content-type': 'text/plain' },
      body: 'hello',
      status: 415,
      code: /Content-Type/i,
    },
  ];

  it.each(otlp)(
    'OTLP: $what is refused in the form of OTLP, and the server goes on',
    async ({ status, code, headers, body }) => {
      const answer = await send(`${house.url}/v1/traces`, { method: 'POST', headers: headers ?? {}, body: body ?? '' });
      const text = answer.body.toString();
      expect({ status: answer.status, text }).toMatchObject({ status });
      expect(text).not.toMatch(stackTrace);
      expect(text).toMatch(code);
      if (headers?.['content-type'] === 'application/x-protobuf') expect(answer.type).toBe('application/x-protobuf');
      else if (headers === json)
        expect(JSON.parse(text)).toMatchObject({ code: expect.any(Number), message: expect.stringMatching(/\S/) });
      await expectHealthy();
    },
  );
});
