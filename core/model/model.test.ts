import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { SchemaChecker } from '../ports/index.ts';
import {
  type JsonObject,
  type ModelId,
  type ModelVersion,
  type PromptDefinition,
  parseExactJson,
} from '../records/index.ts';
import {
  checkPrompt,
  inferSignature,
  parseChatRequest,
  prepareChat,
  renderTemplate,
  templateVariables,
  versionHash,
} from './index.ts';

/** Knows `required` only, which is what an inferred signature needs. */
const checker: SchemaChecker = {
  check: (schema, value) => {
    const missing = ((schema as { required?: string[] }).required ?? []).find(
      (key) => !Object.hasOwn(value as object, key),
    );
    return missing === undefined ? null : `\`${missing}\` is missing`;
  },
  checkSchema: () => null,
};
const prompt = (messages: PromptDefinition['messages'], parameters: JsonObject = {}): ModelVersion => {
  const definition: PromptDefinition = { flavor: 'prompt', baseModel: 'sim/echo', messages, parameters };
  return {
    modelId: 'md_1' as ModelId,
    number: 1,
    hash: '',
    definition,
    signature: inferSignature(definition),
    message: '',
    createdAt: '',
  };
};
const prepare = (text: string, version: ModelVersion | null) =>
  prepareChat(parseChatRequest(text), { vendorModel: 'echo', ref: version ? 'bot@1' : 'sim/echo', version }, checker);

describe('templates', () => {
  it('insert values as they are and never parse them again', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(renderTemplate('<{{x}}>', { x: value })).toBe(`<${value}>`);
      }),
    );
    expect(renderTemplate('{{a}}', { a: '{{b}} & <i>', b: 'leak' })).toBe('{{b}} & <i>');
  });

  it('know their variables: fields by their root, but not the fields of list items', () => {
    expect(templateVariables('{{a}} {{{b}}} {{c.d}} {{#items}}{{name}}{{/items}}{{^empty}}{{e}}{{/empty}}')).toEqual([
      'a',
      'b',
      'c',
      'items',
      'empty',
      'e',
    ]);
  });

  it('reach nothing of JavaScript behind the values', () => {
    expect(renderTemplate('[{{constructor}}{{x.constructor}}{{__proto__}}{{toString}}]', { x: { y: 1 } })).toBe('[]');
  });

  it('refuse partials and unclosed sections with a hint', () => {
    for (const bad of ['{{>other}}', '{{#open}}', '{{'])
      expect(() => templateVariables(bad)).toThrow(
        expect.objectContaining({ code: 'invalid_request', param: 'messages' }),
      );
  });

  it('must declare what they read', () => {
    const { definition } = prompt([{ role: 'system', content: 'Hi {{who}}' }]);
    const signature = { input: { type: 'object', properties: { other: {} } }, output: {} };
    expect(() => checkPrompt(definition, signature)).toThrow(/who/);
    expect(() => checkPrompt(definition, inferSignature(definition))).not.toThrow();
  });
});

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
