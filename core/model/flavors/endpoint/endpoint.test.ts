import { type FakeWorldOptions, fakePredictWorld, versionOf } from '@wheelhouse/testing/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject, Signature } from '../../../records/index.ts';
import { checkVersion } from '../../index.ts';
import { predict } from '../../predict.ts';
import { createPieceReader } from './read-pieces.ts';

type Call = { url: string; [member: string]: unknown };
const endpoint = (call: Call, signature: Partial<Signature> = {}) =>
  versionOf({ flavor: 'endpoint', ...call } as never, { signature });

/** One version for all values, so that its signature is compiled once. */
const published = new Map<string, ReturnType<typeof endpoint>>();
function publish(definition: Call, context: Parameters<typeof checkVersion>[1]) {
  const key = JSON.stringify(definition);
  const version = published.get(key) ?? endpoint(definition);
  if (!published.has(key)) checkVersion(version, context);
  published.set(key, version);
  return version;
}

async function call(
  definition: Call,
  input: JsonObject,
  options: FakeWorldOptions = {},
  onText: ((piece: string) => void) | null = null,
) {
  const fake = fakePredictWorld({
    http: () => ({ headers: { 'content-type': 'application/json' }, body: '{"ok":true}' }),
    ...options,
  });
  const version = publish(definition, fake.context);
  const given = await predict(
    version,
    { input, messages: [], parameters: {} },
    { name: 'api@1', world: fake.world, onText },
  );
  return { ...given, ask: fake.asks[0] };
}

const wild = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => text !== '.' && text !== '..');

describe('an endpoint', () => {
  it('sends the input as JSON and answers with the body, unless told otherwise', async () => {
    const { output, ask } = await call({ url: 'https://api.example.com/run' }, { a: 1, b: ['x'] });
    expect(output).toEqual({ ok: true });
    expect(ask).toMatchObject({
      ...{ method: 'POST', url: 'https://api.example.com/run', body: '{"a":1,"b":["x"]}', provider: null },
      headers: { 'content-type': 'application/json' },
    });
  });

  it('puts values into URLs percent-encoded, so that none leaves its place', () =>
    fc.assert(
      fc.asyncProperty(wild, wild, async (kind, q) => {
        const { ask } = await call(
          { url: 'https://api.example.com/v1/{{input.kind}}?q={{{input.q}}}', method: 'GET' },
          { kind, q },
        );
        const url = new URL(ask?.url ?? '');
        expect(url.host).toBe('api.example.com');
        expect(url.pathname.split('/')).toHaveLength(3);
        expect(decodeURIComponent(url.pathname.slice(4))).toBe(kind);
        expect([...url.searchParams]).toHaveLength(1);
        expect(ask?.url.split('q=')[1]).toBe(encodeURIComponent(q));
      }),
      { numRuns: 200 },
    ));

  it('puts values into JSON values, whatever they are', () =>
    fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.string(), async (value, text) => {
        const { ask } = await call(
          {
            url: 'https://api.example.com/',
            body: {
              question: 'Q: {{input.text}}',
              raw: { $from: '/input/value' },
              list: [{ $from: '/input/text' }],
              n: 1,
            },
          },
          { text, value: value as Json },
        );
        expect(JSON.parse(ask?.body ?? '')).toEqual({
          question: `Q: ${text}`,
          raw: JSON.parse(JSON.stringify(value)),
          list: [text],
          n: 1,
        });
      }),
      { numRuns: 200 },
    ));

  it('leaves out members of which nothing is there', async () => {
    const version = endpoint(
      { url: 'https://api.example.com/', body: { a: { $from: '/input/a' }, b: [{ $from: '/input/a' }] } },
      { input: { type: 'object' } },
    );
    const fake = fakePredictWorld();
    await predict(
      version,
      { input: {}, messages: [], parameters: {} },
      { name: 'api@1', world: fake.world, onText: null },
    );
    expect(fake.asks[0]?.body).toBe('{"b":[null]}');
  });

  it.each<[string, Call, JsonObject]>([
    ['a dot segment in the path', { url: 'https://api.example.com/a/{{input.x}}/b', method: 'GET' }, { x: '..' }],
    [
      'a line break in a header',
      { url: 'https://api.example.com/', headers: { 'x-a': '{{input.x}}' }, body: {} },
      { x: 'a\r\nb: c' },
    ],
    ['half a character in a URL', { url: 'https://api.example.com/{{input.x}}', method: 'GET' }, { x: '\ud800' }],
  ])('refuses %s', async (_what, definition, input) => {
    await expect(call(definition, input)).rejects.toMatchObject({ code: 'signature_mismatch' });
  });

  it.each<[string, Call, RegExp]>([
    ['a host of variables', { url: 'https://{{input.host}}/x' }, /host/],
    ['a host that a value goes on with', { url: 'https://api.example.com{{input.x}}' }, /host/],
    ['a port of variables', { url: 'https://api.example.com:{{input.x}}/' }, /host/],
    ['another protocol', { url: 'file:///etc/passwd' }, /http/],
    ['a whole address at a provider', { url: 'https://api.example.com/', provider: 'acme' }, /path/],
    ['an address without a protocol at a provider', { url: '//api.example.com/', provider: 'acme' }, /path/],
    ['headers of the connection', { url: 'https://a.example/', headers: { Host: 'b.example' } }, /Host/],
    ['an unknown part of the answer', { url: 'https://a.example/', output: { $from: '/data' } }, /data/],
    ['steps', { url: 'https://a.example/', body: { $from: '/steps/a' } }, /steps/],
  ])('cannot be published with %s', (_what, definition, message) => {
    const { context } = fakePredictWorld();
    expect(() => checkVersion(endpoint(definition), context)).toThrow(
      expect.objectContaining({ code: 'invalid_request', message: expect.stringMatching(message) }),
    );
  });

  it('sends forms and text as it is told', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const sent = await call(
      { url: 'https://a.example/', headers: form, body: { a: '{{input.x}}', b: 2 } },
      { x: '1&2=3' },
    );
    expect(sent.ask?.body).toBe('a=1%262%3D3&b=2');
    const text = await call(
      { url: 'https://a.example/', headers: { 'Content-Type': 'text/plain' }, body: '{{input.x}}' },
      { x: '"' },
    );
    expect(text.ask?.body).toBe('"');
    const json = await call({ url: 'https://a.example/', body: { $from: '/input/x' } }, { x: 'a"b' });
    expect(json.ask?.body).toBe('"a\\"b"');
  });

  it.each([
    [429, 'upstream_rate_limited'],
    [503, 'upstream_failed'],
    [504, 'upstream_timeout'],
    [404, 'upstream_refused'],
  ])('reads %i as %s', async (status, code) => {
    const http = () => ({ status, headers: { 'retry-after': '2' }, body: 'why' });
    await expect(call({ url: 'https://a.example/' }, {}, { http })).rejects.toMatchObject({
      ...{ code, retryAfterMs: 2_000 },
      message: `The endpoint answered ${status}: why`,
    });
  });

  it('reads the body by its type', async () => {
    const read = async (headers: Record<string, string>, body: string) =>
      (await call({ url: 'https://a.example/' }, {}, { http: () => ({ headers, body }) })).output;
    expect(await read({ 'content-type': 'application/problem+json' }, '{"n":12345678901234567890}')).toEqual({
      n: '12345678901234567890',
    });
    expect(await read({ 'content-type': 'text/html' }, '[1]')).toBe('[1]');
    expect(await read({}, '[1]')).toEqual([1]);
    expect(await read({}, 'plain')).toBe('plain');
    expect(await read({ 'content-type': 'application/json' }, '')).toBeNull();
    await expect(read({ 'content-type': 'application/json' }, 'oops')).rejects.toMatchObject({
      code: 'upstream_failed',
    });
  });

  it('takes what its mapping reads', () => {
    expect(endpoint({ url: 'https://a.example/{{input.id}}', body: { q: { $from: '/input/q' } } }).signature).toEqual({
      input: {
        type: 'object',
        properties: { id: { type: ['string', 'number', 'boolean'] }, q: {} },
        required: ['id', 'q'],
        additionalProperties: false,
      },
      output: {},
    });
    expect(endpoint({ url: 'https://a.example/', stream: { format: 'text' } }).signature).toEqual({
      input: { type: 'object', properties: {} },
      output: { type: 'string' },
    });
  });

  const events =
    'event: x\r\ndata: {"d":{"t":"Hé"}}\r\n\r\ndata: {"d":{}}\n\ndata: {"d":\r\ndata: {"t":"llo"}}\n\ndata: [DONE]\n\n';
  const lines = '{"d":{"t":"Hé"}}\n\n{"d":{"t":"llo"}}';
  it.each([
    ['sse', events],
    ['ndjson', lines],
    ['text', 'Héllo'],
  ])('reads pieces of %s, however they are cut', async (format, body) => {
    const definition = { url: 'https://a.example/', stream: { format, text: '/d/t' } };
    const pieces: string[] = [];
    const whole = await call(definition, {}, { http: () => ({ body }) });
    const streamed = await call(definition, {}, { http: () => ({ body }) }, (piece) => pieces.push(piece));
    expect([whole.output, streamed.output, pieces.join('')]).toEqual(['Héllo', 'Héllo', 'Héllo']);
    fc.assert(
      fc.property(fc.array(fc.nat(body.length), { maxLength: 8 }), (cuts) => {
        const reader = createPieceReader({ format, text: '/d/t' } as never);
        let text = '';
        const at = [0, ...cuts.sort((a, b) => a - b), body.length];
        for (let i = 1; i < at.length; i++) text += reader.push(body.slice(at[i - 1], at[i]));
        expect(text + reader.end()).toBe('Héllo');
      }),
    );
  });
});
