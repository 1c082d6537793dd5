import { fakePredictWorld, versionOf } from '@wheelhouse/testing/models';
import { describe, expect, it, test } from 'vitest';
import { type JsonObject, type ModelVersion, parseExactJson } from '../records/index.ts';
import type { PromptDefinition } from './flavors/prompt/index.ts';
import { parseChatRequest, prepareChat, versionHash } from './index.ts';

const { context } = fakePredictWorld();
const prompt = (messages: NonNullable<PromptDefinition['messages']>, parameters: JsonObject = {}): ModelVersion =>
  versionOf({ flavor: 'prompt', baseModel: 'sim/echo', messages, parameters } as PromptDefinition);
const prepare = (text: string, version: ModelVersion | null) =>
  prepareChat(parseChatRequest(text), { vendorModel: 'echo', ref: version ? 'bot@1' : 'sim/echo', version }, context);

describe('preparing a chat for the vendor', () => {
  it('puts the version before the caller, and the caller’s parameters before the version’s', () => {
    const version = prompt([{ role: 'system', content: 'Be {{tone}}.' }], { temperature: 0, max_tokens: 5 });
    const { text } = prepare(
      '{"model":"bot@1","messages":[{"role":"user","content":"hi"}],"temperature":1,"variables":{"tone":"kind"}}',
      version,
    );
    expect(JSON.parse(text)).toEqual({
      model: 'echo',
      messages: [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: 'hi' },
      ],
      temperature: 1,
      max_tokens: 5,
    });
  });

  it('keeps the bytes of everything else', () => {
    const { text } = prepare(
      '{"model":"sim/echo","messages":[{"role":"user","content":"\\u00e9"}],"seed":12345678901234567890}',
      null,
    );
    expect(text).toBe('{"model":"echo","messages":[{"role":"user","content":"\\u00e9"}],"seed":12345678901234567890}');
  });

  it('asks for usage on a stream and says that it did', () => {
    const body = (options: string) =>
      `{"model":"sim/echo","stream":true,"messages":[{"role":"user","content":"hi"}]${options}}`;
    const added = prepare(body(''), null);
    expect([added.addedUsage, JSON.parse(added.text).stream_options]).toEqual([true, { include_usage: true }]);
    expect(prepare(body(',"stream_options":{"include_usage":true}'), null).addedUsage).toBe(false);
  });

  it('works with the version’s messages alone, and not with none at all', () => {
    const version = prompt([{ role: 'user', content: '{{q}}' }]);
    expect(
      JSON.parse(prepare('{"model":"bot@1","messages":[],"variables":{"q":"why"}}', version).text).messages,
    ).toEqual([{ role: 'user', content: 'why' }]);
    expect(() => prepare('{"model":"bot@1","messages":[]}', prompt([]))).toThrow(
      expect.objectContaining({ code: 'invalid_request' }),
    );
    expect(() => prepare('{"model":"sim/echo","messages":[]}', null)).toThrow(
      expect.objectContaining({ code: 'invalid_request' }),
    );
  });

  it('refuses variables that do not fit, naming them', () => {
    const version = prompt([{ role: 'system', content: '{{tone}}' }]);
    expect(() => prepare('{"model":"bot@1","messages":[{"role":"user","content":"x"}]}', version)).toThrow(
      expect.objectContaining({ code: 'signature_mismatch', message: expect.stringContaining('`tone` is missing') }),
    );
    expect(() => prepare('{"model":"sim/echo","messages":[{"role":"user"}],"variables":{"a":1}}', null)).toThrow(
      expect.objectContaining({ code: 'signature_mismatch' }),
    );
  });

  it('takes parameters as the signature says, and fills in its defaults', () => {
    const number = { type: 'number', maximum: 1 };
    const properties = { temperature: { ...number, default: 0.2 }, top_p: number };
    const version = prompt([{ role: 'user', content: 'x' }], { seed: 1 });
    const signed = (more: JsonObject): ModelVersion => ({
      ...version,
      signature: { ...version.signature, parameters: { type: 'object', properties, ...more } },
    });
    const send = (body: JsonObject, more: JsonObject = {}) =>
      prepare(JSON.stringify({ model: 'bot@1', messages: [], ...body }), signed(more)).body;
    expect(send({})).toMatchObject({ temperature: 0.2, seed: 1 });
    expect(send({ temperature: 0.5, max_tokens: 3 })).toMatchObject({ temperature: 0.5, max_tokens: 3 });
    const mismatch = (part: string) =>
      expect.objectContaining({ code: 'signature_mismatch', message: expect.stringContaining(part) });
    expect(() => send({ temperature: 2 })).toThrow(mismatch('`temperature`'));
    expect(() => send({ temperature: '0.5' })).toThrow(mismatch('`temperature`'));
    const closed = { additionalProperties: false };
    expect(() => send({ max_tokens: 3 }, closed)).toThrow(mismatch('`max_tokens` is unknown'));
    expect(send({ user: 'mo', stream: true, top_p: 1 }, closed)).toMatchObject({ user: 'mo', top_p: 1 });
    expect(() => send({}, { required: ['top_p'] })).toThrow(mismatch('`top_p` is missing'));
  });

  it.each([
    ['', 'invalid_json'],
    ['[]', 'invalid_json'],
    ['{"messages":[]}', 'invalid_request'],
    ['{"model":1,"messages":[]}', 'invalid_request'],
    ['{"model":"a","messages":"hi"}', 'invalid_request'],
    ['{"model":"a","messages":[7]}', 'invalid_request'],
    ['{"model":"a","messages":[],"stream":"yes"}', 'invalid_request'],
  ])('refuses %s as %s', (text, code) => {
    expect(() => parseChatRequest(text)).toThrow(expect.objectContaining({ code }));
  });

  it('hashes content, not spelling', () => {
    const a = prompt([{ role: 'system', content: 'x' }], { a: 1, b: 2 });
    const b = prompt([{ role: 'system', content: 'x' }], { b: 2, a: 1 });
    expect(versionHash(a.definition, a.signature)).toBe(versionHash(b.definition, b.signature));
    const c = prompt([{ role: 'system', content: 'y' }]);
    expect(versionHash(c.definition, c.signature)).not.toBe(versionHash(a.definition, a.signature));
  });
});

test('what is sent reads as what is kept of it', () => {
  const version = prompt([{ role: 'system', content: 'Hi {{name}}' }], { temperature: 0.5, seed: 1 });
  const texts = [
    '{"model":"echo","messages":[{"role":"user","content":"x"}]}',
    '{"model":"sim/echo","messages":[{"role":"user","content":"x"}],"seed":12345678901234567890,"stream":true}',
    '{"stream":true,"stream_options":{"x":1},"model":"a","messages":[{"role":"user","content":"é"}],"seed":7}',
  ];
  for (const text of texts) {
    const base = prepare(text, null);
    expect(base.body).toEqual(parseExactJson(base.text));
    const own = prepare(`${text.slice(0, -1)},"variables":{"name":"Mo"}}`, version);
    expect(own.body).toEqual(parseExactJson(own.text));
    expect(own.text).toContain('Hi Mo');
  }
});
