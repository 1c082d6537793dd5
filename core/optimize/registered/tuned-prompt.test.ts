import { fakeProgramWorld } from '@wheelhouse/testing/fakes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flavorOf } from '../../model/index.ts';
import { candidateOf, runProgram, withCandidate } from '../../program/index.ts';
import type { JsonObject, ModelDefinition } from '../../records/index.ts';
import { promptProgram } from './tuned-prompt.ts';

const checker = { check: () => null, checkSchema: () => null };
const context = { checker, find: () => null };
const tuned = (version: Parameters<typeof promptProgram>[0]) => promptProgram(version, { name: 'sort', checker });
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
        const { program, publish } = tuned(promptOf(sorting));
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
    const { program, publish } = tuned(whole);
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
    const open = tuned(promptOf({ messages: [{ role: 'system', content: 'Be brief.' }] }));
    const tunables = { demos: [{ values: { message: 'Hi', answer: 'Hello' } }] };
    const world = fakeProgramWorld(() => 'ok');
    await runProgram(withCandidate(open.program, { '': tunables }), { message: 'Why?' }, world);
    const own = [{ role: 'user', content: 'Why?' }];
    expect(world.asked[0]?.messages).toEqual(sent(open.publish(tunables), {}, own));
    expect(world.asked[0]?.messages.map(({ content }) => content)).toEqual(['Be brief.', 'Hi', 'Hello', 'Why?']);
    const { publish } = tuned(promptOf({ template: 'Greet {{name}}.' }));
    expect(publish({ instructions: 'Be kind.' }).messages).toEqual([
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'Greet {{name}}.' },
    ]);
  });

  it('keeps the variables of its system message, whatever instructions are written', async () => {
    const [, user] = sorting.messages;
    const whole = promptOf({ messages: [{ role: 'system', content: 'Speak {{ language }}, {{{tone}}}.' }, user] });
    const { program, publish } = tuned(whole);
    expect(candidateOf(program)['']?.instructions).toBe('Speak {{language}}, {{tone}}.');
    expect(publish({})).toEqual(whole.definition);
    const all = { ...input, language: 'Norse', tone: '{{tone}}' };
    const parts = fc.constantFrom(
      ...['{{language}}', '{{{ language }}}', '{{tone}}', '{{other}}'],
      '{',
      '}',
      '{{',
      ' ',
      '\n',
      'a',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(parts, { maxLength: 8 }), async (pieces) => {
        const instructions = pieces.join('');
        const world = fakeProgramWorld(() => 'billing');
        await runProgram(withCandidate(program, { '': { instructions } }), all, world);
        const published = publish({ instructions });
        expect(world.asked[0]?.messages).toEqual(sent(published, all));
        // Every value is there, and what is no variable is as it was written.
        const said = world.asked[0]?.messages[0]?.content ?? '';
        for (const value of [all.language, all.tone]) expect(said).toContain(value);
        if (!pieces.some((piece) => piece.includes('language') || piece.includes('tone')))
          expect(said).toBe([instructions, `language: Norse\n\ntone: {{tone}}`].filter(Boolean).join('\n\n'));
        // What was published can be optimized again.
        const again = tuned(promptOf({ messages: published.messages ?? [] }));
        expect(again.publish({}).messages).toEqual(published.messages);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['has sections', [{ role: 'system', content: '{{#formal}}Be polite.{{/formal}}' }]],
    ['says the name of a variable', [{ role: 'system', content: '{{a}} {{=<% %>=}}{{a}}<%={{ }}=%>' }]],
    ['by a placeholder', [{ placeholder: 'history' }]],
  ])('is refused where its instructions cannot be told apart: %s', (problem, messages) => {
    expect(() => tuned(promptOf({ messages }))).toThrow(problem);
  });
});
