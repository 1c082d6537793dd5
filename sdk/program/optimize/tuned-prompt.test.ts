import { flavorOf } from '@wheelhouse/core/model';
import { candidateOf, runProgram, withCandidate } from '@wheelhouse/core/program';
import type { JsonObject, ModelDefinition } from '@wheelhouse/core/records';
import { fakeProgramWorld } from '@wheelhouse/testing/fakes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { valueChecker } from '../../model/index.ts';
import { promptProgram } from './tuned-prompt.ts';

const context = { checker: valueChecker, find: () => null };
const promptOf = (members: object) => {
  const definition = { flavor: 'prompt', baseModel: 'sim/echo', parameters: {}, ...members } as ModelDefinition;
  return { definition, signature: flavorOf(definition).infer(definition, context) };
};

/** What the server sends for a published prompt. */
function sent(definition: ModelDefinition, variables: JsonObject, own: JsonObject[] = []) {
  const flavor = flavorOf(definition);
  flavor.check(definition, flavor.infer(definition, context), context);
  if (flavor.runs !== 'direct') throw new Error('A prompt is one call.');
  return [...flavor.request(definition, variables, context).messages, ...own];
}

const sorting = {
  messages: [
    { role: 'system', content: 'Sort questions by team.' },
    { role: 'user', content: 'From {{country}}: {{question}}' },
  ],
};
const input = { country: 'NO', question: 'Where is my {{parcel}}?' };

describe('a registered prompt as a program', () => {
  it('asks what the prompt that is published of the same candidate asks, whatever the texts are', async () => {
    const texts = fc.oneof(
      fc.string(),
      fc.constantFrom('{{name}}', '{{{a}}}', '{{#x}}y{{/x}}', 'a\n{{=<% %>=}}\nb', ''),
    );
    const demos = fc.array(fc.record({ country: texts, question: texts, answer: texts }), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(texts, demos, async (instructions, shown) => {
        const { program, publish } = promptProgram(promptOf(sorting), 'sort');
        const tunables = { instructions, demos: shown.map((values) => ({ values })) };
        const world = fakeProgramWorld(() => 'billing');
        const done = await runProgram(withCandidate(program, { '': tunables }), input, world);
        expect(done).toMatchObject({ ok: true, output: { answer: 'billing' } });
        const messages = sent(publish(tunables), input);
        expect(world.asked[0]?.messages).toEqual(messages);
        const texts = messages.map(({ content }) => content);
        if (instructions !== '') expect(texts[0]).toBe(instructions);
        expect(texts.at(-1)).toBe('From NO: Where is my {{parcel}}?');
      }),
      { numRuns: 60 },
    );
  });

  it('is unchanged before anything is tuned, with its few-shot block as its demonstrations', () => {
    const [system, user] = sorting.messages;
    const examples = [{ input: { country: 'SE', question: 'Bill?' }, output: 'billing' }];
    const whole = promptOf({
      messages: [system, { examples, user: user?.content }, user],
      parameters: { temperature: 0 },
    });
    const { program, publish } = promptProgram(whole, 'sort');
    const candidate = candidateOf(program)[''];
    expect(candidate).toMatchObject({
      instructions: 'Sort questions by team.',
      demos: [{ values: { country: 'SE', question: 'Bill?', answer: 'billing' } }],
      parameters: { temperature: 0 },
    });
    expect(publish(candidate ?? {})).toEqual(whole.definition);
    const { demos: _, ...others } = candidate ?? {};
    expect(publish({ ...others, demos: [] }).messages).toEqual([system, user]);
  });

  it('takes the message of the caller where the prompt does not ask itself, and a text prompt as its question', async () => {
    const open = promptProgram(promptOf({ messages: [{ role: 'system', content: 'Be brief.' }] }), 'bot');
    const tunables = { demos: [{ values: { message: 'Hi', answer: 'Hello' } }] };
    const world = fakeProgramWorld(() => 'ok');
    await runProgram(withCandidate(open.program, { '': tunables }), { message: 'Why?' }, world);
    const own = [{ role: 'user', content: 'Why?' }];
    expect(world.asked[0]?.messages).toEqual(sent(open.publish(tunables), {}, own));
    expect(world.asked[0]?.messages.map(({ content }) => content)).toEqual(['Be brief.', 'Hi', 'Hello', 'Why?']);
    const { publish } = promptProgram(promptOf({ template: 'Greet {{name}}.' }), 'greet');
    expect(publish({ instructions: 'Be kind.' }).messages).toEqual([
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'Greet {{name}}.' },
    ]);
  });

  it.each([
    ['has variables', [{ role: 'system', content: 'Speak {{language}}.' }]],
    ['by a placeholder', [{ placeholder: 'history' }]],
  ])('is refused where its instructions cannot be told apart: %s', (problem, messages) => {
    expect(() => promptProgram(promptOf({ messages }), 'bot')).toThrow(problem);
  });
});
