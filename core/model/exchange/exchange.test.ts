import { fakePredictWorld, versionOf } from '@wheelhouse/testing/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, ModelVersion } from '../../records/index.ts';
import { ownRequest } from '../own-request.ts';
import { parseTemplate } from '../template/parse-template.ts';
import { renderTemplate } from '../template/render-template.ts';
import { literalTemplate } from '../template/write-template.ts';
import { promptOfChat } from './chat-prompt.ts';
import { fromLangfusePrompt, toLangfusePrompt } from './langfuse-prompt.ts';

const nowhere = () => null;
const baseModel = 'sim/echo';
const text = fc.oneof(
  fc.string({ maxLength: 10 }),
  fc
    .array(fc.constantFrom('{{', '}}', '{{x}}', '<%', '%>', '\n', ' ', '{{#', 'a'), { maxLength: 6 })
    .map((all) => all.join('')),
);

describe('a prompt of Langfuse', () => {
  it('comes over and goes back the same', () => {
    const chat = {
      type: 'chat' as const,
      prompt: [
        { role: 'system', content: 'Be {{tone}}.' },
        { type: 'placeholder' as const, name: 'history' },
        { role: 'user', content: '{{question}}' },
      ],
      config: { model: 'gpt-4o', temperature: 0.2 },
    };
    expect(toLangfusePrompt(fromLangfusePrompt(chat, { baseModel }), nowhere)).toEqual(chat);
    const simple = { type: 'text' as const, prompt: 'Hi {{name}}', config: { model: 'gpt-4o' } };
    const definition = fromLangfusePrompt(simple, { baseModel });
    expect(definition).toEqual({ flavor: 'prompt', baseModel: 'gpt-4o', template: 'Hi {{name}}', parameters: {} });
    expect(toLangfusePrompt(definition, nowhere)).toEqual(simple);
    expect(fromLangfusePrompt({ prompt: 'x', config: null }, { baseModel }).baseModel).toBe(baseModel);
  });

  it('takes other prompts as partials, under the names that they have here', () => {
    const prompt = 'A @@@langfusePrompt:name=My Rules|version=3@@@ B @@@langfusePrompt:name=x|label=staging@@@';
    const rename = (name: string) => name.toLowerCase().replaceAll(' ', '-');
    expect(fromLangfusePrompt({ prompt }, { baseModel, rename }).template).toBe('A {{>my-rules@3}} B {{>x@staging}}');
  });

  it('goes out with all that it includes, since clients look nothing up', () => {
    const models: Record<string, ModelVersion> = {};
    const { context } = fakePredictWorld({ models });
    const make = (definition: object) =>
      versionOf({ flavor: 'prompt', baseModel, parameters: {}, ...definition } as never, { find: context.find });
    models['rules@1'] = make({
      messages: [{ role: 'system', content: 'Rules{{>end}}' }],
      partials: { end: ' of {{house}}.' },
    });
    models['tone@1'] = make({ template: '{{#kind}}Kind {{name}}{{/kind}}' });
    const { definition } = make({
      messages: [
        { include: 'rules@1' },
        { examples: [{ input: { q: '{{1}}' }, output: 'two' }], user: 'Q {{q}}' },
        { role: 'user', content: 'Be:\n  {{>tone@1}}\nend' },
      ],
    });
    expect(toLangfusePrompt(definition as never, context.find).prompt).toEqual([
      { role: 'system', content: 'Rules of {{house}}.' },
      { role: 'user', content: '{{=<% %>=}}<%! %>Q {{1}}' },
      { role: 'assistant', content: 'two' },
      { role: 'user', content: 'Be:\n  {{#kind}}Kind {{name}}{{/kind}}end' },
    ]);
    const image = make({ messages: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }] });
    expect(() => toLangfusePrompt(image.definition as never, nowhere)).toThrow(/several parts/);
  });

  it.each<[JsonObject, string]>([
    [{ prompt: 7 }, 'prompt'],
    [{ prompt: [7] }, 'prompt[0]'],
    [{ prompt: [{ role: 'user', content: [] }] }, 'prompt[0]'],
    [{ prompt: [{ role: 'tool', content: 'x' }] }, 'messages.0'],
  ])('is refused where it is none: %j', (given, param) => {
    expect(() => fromLangfusePrompt(given, { baseModel })).toThrow(
      expect.objectContaining({ code: 'invalid_request', param }),
    );
  });
});

describe('a request in OpenAI’s form', () => {
  it('becomes a prompt that says exactly that', () => {
    const { context } = fakePredictWorld();
    const message = fc.record({
      role: fc.constantFrom('system', 'user', 'assistant'),
      content: fc.oneof(text, fc.array(fc.record({ type: fc.constant('text'), text }), { minLength: 1, maxLength: 2 })),
    });
    fc.assert(
      fc.property(
        fc.array(message, { minLength: 1, maxLength: 3 }),
        fc.double({ min: 0, max: 2 }),
        (messages, temperature) => {
          const definition = promptOfChat({ model: baseModel, messages, temperature, stream: true });
          const version = versionOf(definition, { signature: { input: {} } });
          const own = ownRequest(version, { x: 'LEAK' }, { name: 'p@1', ...context });
          expect(own).toEqual({ messages, parameters: { temperature } });
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is refused with the message that no prompt has', () => {
    const body = {
      model: baseModel,
      messages: [
        { role: 'user', content: 'x' },
        { role: 'tool', content: 'y' },
      ],
    };
    expect(() => promptOfChat(body)).toThrow(expect.objectContaining({ param: 'messages.1' }));
  });
});

it('writes any text as a template that renders to it', () => {
  fc.assert(
    fc.property(text, (given) => {
      expect(renderTemplate(parseTemplate(literalTemplate(given)), { x: 'LEAK' })).toBe(given);
    }),
    { numRuns: 500 },
  );
});
