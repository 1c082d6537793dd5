import { fakePredictWorld, versionOf } from '@wheelhouse/testing/models';
import { describe, expect, it } from 'vitest';
import type { JsonObject, ModelVersion, Signature } from '../../../records/index.ts';
import { checkVersion, findCircle, ownRequest, referencedVersions } from '../../index.ts';

type Loose = { [member: string]: unknown };
/** A project of prompts that name each other; aliases can move. */
function project() {
  const models: Record<string, ModelVersion> = {};
  const { context } = fakePredictWorld({ models });
  const make = (definition: Loose, signature?: Partial<Signature>) =>
    versionOf({ flavor: 'prompt', baseModel: 'sim/echo', parameters: {}, ...definition } as never, {
      find: context.find,
      ...(signature ? { signature } : {}),
    });
  return {
    context,
    models,
    make,
    put(ref: string, definition: Loose): ModelVersion {
      models[ref] = make(definition);
      return models[ref];
    },
    messages: (version: ModelVersion, variables: JsonObject) =>
      ownRequest(version, variables, { name: 'bot@1', ...context }).messages,
  };
}
const system = (content: string) => ({ role: 'system', content });

describe('a prompt', () => {
  it('takes its own partials and text prompts of the project, whose partials are their own', () => {
    const { put, make, messages } = project();
    put('tone@production', { template: 'Be {{tone}}. {{>end}}', partials: { end: 'Always.' } });
    const bot = make({
      messages: [system('{{>intro}} {{>tone@production}}')],
      partials: { intro: 'You are {{name}}{{>end}}', end: '!' },
    });
    expect(messages(bot, { name: 'Ada', tone: 'kind' })).toEqual([system('You are Ada! Be kind. Always.')]);
    expect(bot.signature.input).toEqual({
      type: 'object',
      properties: { name: { type: 'string' }, tone: { type: 'string' } },
      required: ['name', 'tone'],
      additionalProperties: false,
    });
  });

  it('follows an alias of another prompt, and stays with a number', () => {
    const { put, make, messages } = project();
    put('rules@1', { messages: [system('one')] });
    put('rules@production', { messages: [system('one')] });
    const follows = make({ messages: [{ include: 'rules@production' }] });
    const stays = make({ messages: [{ include: 'rules@1' }] });
    put('rules@production', { messages: [system('two')] });
    expect([messages(follows, {}), messages(stays, {})]).toEqual([[system('two')], [system('one')]]);
  });

  it('stands included prompts, placeholders and examples where they are named', () => {
    const { put, make, messages } = project();
    put('rules@1', { messages: [system('Rules of {{house}}.'), { placeholder: 'late' }] });
    const bot = make({
      messages: [
        { include: 'rules@1' },
        {
          examples: [
            { input: { q: '1+1' }, output: '2' },
            { input: { q: 'x' }, output: { a: 1 } },
          ],
          user: 'Q: {{q}}',
        },
        { placeholder: 'history' },
        {
          role: 'user',
          content: [
            { type: 'text', text: '{{q}}' },
            { type: 'image_url', image_url: { url: '{{image}}' } },
          ],
        },
      ],
    });
    const said = [
      { role: 'user', content: '{{q}}' },
      { role: 'assistant', content: null, tool_calls: [] },
    ];
    expect(messages(bot, { house: 'h', late: [], history: said, q: 'why', image: 'data:x' })).toEqual([
      system('Rules of h.'),
      { role: 'user', content: 'Q: 1+1' },
      { role: 'assistant', content: '2' },
      { role: 'user', content: 'Q: x' },
      { role: 'assistant', content: '{"a":1}' },
      ...said,
      {
        role: 'user',
        content: [
          { type: 'text', text: 'why' },
          { type: 'image_url', image_url: { url: 'data:x' } },
        ],
      },
    ]);
    expect(bot.signature.input.required).toEqual(['house', 'q', 'image', 'late', 'history']);
    expect(() => messages(bot, { house: 'h', late: [], history: [{ no: 'role' }], q: '', image: '' })).toThrow(
      expect.objectContaining({ code: 'signature_mismatch', message: expect.stringContaining('history') }),
    );
  });

  it('never parses again what an example, a placeholder or a partial brings', () => {
    const { make, messages } = project();
    const bot = make({
      messages: [{ examples: [{ input: { q: '{{secret}}' }, output: '{{secret}}' }], user: '{{>ask}}' }],
      partials: { ask: '{{q}}' },
    });
    expect(messages(bot, {}).map(({ content }) => content)).toEqual(['{{secret}}', '{{secret}}']);
  });

  it('is one user message when it is a text', () => {
    const { put, make, messages } = project();
    const text = put('text@1', { template: 'Say {{x}}' });
    expect(messages(text, { x: '<&>' })).toEqual([{ role: 'user', content: 'Say <&>' }]);
    expect(messages(make({ messages: [{ include: 'text@1' }] }), { x: 'a' })).toEqual([
      { role: 'user', content: 'Say a' },
    ]);
  });

  it('takes any value where it asks whether it is there, and lets members of items be left out', () => {
    const { make, messages } = project();
    const bot = make({ messages: [system('{{#items}}{{name}}, {{/items}}{{^items}}none{{/items}}{{user.id}}')] });
    expect(bot.signature.input).toEqual({
      type: 'object',
      properties: { items: {}, name: {}, user: {} },
      required: ['items', 'user'],
      additionalProperties: false,
    });
    expect(messages(bot, { items: [{ name: 'a' }, { name: 'b' }], user: { id: 7 } })).toEqual([system('a, b, 7')]);
    expect(messages(bot, { items: [], user: {} })).toEqual([system('none')]);
    const vip = make({ messages: [system('{{#vip}}Dear {{name}}{{/vip}}')] });
    expect(messages(vip, { vip: true, name: 'Mo' })).toEqual([system('Dear Mo')]);
  });

  it('names the circle that prompts go in', () => {
    const { put, make, messages, context, models } = project();
    put('a@p', { template: 'a' });
    put('b@p', { template: '{{>a@p}}' });
    models['a@p'] = make({ template: '{{>b@p}}' }, { input: {}, output: {} });
    const bot = { ...models['a@p'], number: 2 };
    expect(() => messages(bot, {})).toThrow(/b@p → a@p → b@p/);
    expect(findCircle(bot.definition, context.find)).toEqual(['b@p', 'a@p', 'b@p']);
    expect(() => make({ messages: [system('{{>x}}')], partials: { x: '{{>y}}', y: '{{>x}}' } })).toThrow(/x → y → x/);
    models['c@p'] = {
      ...bot,
      definition: { flavor: 'prompt', messages: [{ include: 'd@p' }], parameters: {} } as never,
    };
    models['d@p'] = {
      ...bot,
      definition: { flavor: 'prompt', messages: [{ include: 'c@p' }], parameters: {} } as never,
    };
    expect(() => make({ messages: [{ include: 'c@p' }] })).toThrow(/c@p → d@p → c@p/);
  });

  it('says what it cannot take', () => {
    const { put, make, context } = project();
    put('chat@1', { messages: [system('x')] });
    const chain = versionOf({ flavor: 'code', runtime: 'node', entry: 'x', hash: 'a'.repeat(64) } as never);
    expect(() => make({ template: '{{>none}}' })).toThrow(/\{\{>none\}\}/);
    expect(() => make({ template: '{{>gone@1}}' })).toThrow(/gone@1/);
    expect(() => make({ template: '{{>chat@1}}' })).toThrow(/prompt of messages/);
    expect(() => make({ messages: [{ include: 'gone@1' }] })).toThrow(/gone@1/);
    expect(() => make({ messages: [system('{{#open}}')] })).toThrow(
      expect.objectContaining({ param: 'definition.messages[0].content' }),
    );
    const both = make({ template: 'x', messages: [] });
    expect(() => checkVersion(both, context)).toThrow(/not both/);
    expect(chain.signature.output).toEqual({});
  });

  it('must declare what it reads, its partials too', () => {
    const { make, context } = project();
    const signature = { input: { type: 'object', properties: { other: {} } } };
    const bot = make({ messages: [system('{{>p}}')], partials: { p: 'Hi {{who}}' } }, signature);
    expect(() => checkVersion(bot, context)).toThrow(/who/);
    const fine = make(
      { messages: [system('Hi {{#list}}{{who}}{{/list}}')] },
      { input: { type: 'object', properties: { list: {} } } },
    );
    expect(() => checkVersion(fine, context)).not.toThrow();
  });

  it('is whole with the versions that it leads to', () => {
    const { put, make, context } = project();
    put('deep@1', { template: 'deep' });
    put('mid@1', { template: '{{>deep@1}}' });
    const bot = make({ messages: [{ include: 'mid@1' }, system('{{>deep@1}}')] });
    const alone = referencedVersions(bot.definition, context.find);
    expect([...alone.keys()].sort()).toEqual(['deep@1', 'mid@1']);
    const find = (ref: string) => alone.get(ref) ?? null;
    expect(ownRequest(bot, {}, { name: 'bot@1', checker: context.checker, find }).messages).toEqual([
      { role: 'user', content: 'deep' },
      system('deep'),
    ]);
  });

  it('stops where includes multiply', () => {
    const { put } = project();
    const twice = (include: string) => ({ messages: [{ include }, { include }] });
    put('p0@1', { messages: [system('x')] });
    expect(() => {
      for (let i = 1; i <= 20; i++) put(`p${i}@1`, twice(`p${i - 1}@1`));
    }).toThrow(/10000 messages/);
    put('t0@1', { template: '{{x}}' });
    expect(() => {
      for (let i = 1; i <= 20; i++) put(`t${i}@1`, { template: `{{>t${i - 1}@1}}{{>t${i - 1}@1}}` });
    }).toThrow(/too long/);
  });
});
