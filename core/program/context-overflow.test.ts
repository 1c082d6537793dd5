import { type AskedProgram, fakeProgramWorld, inSections } from '@wheelhouse/testing/fakes';
import { describe, expect, it } from 'vitest';
import { withCandidate } from './candidate.ts';
import { bestOf } from './modules/best-of.ts';
import { predict } from './modules/predict.ts';
import { refine } from './modules/refine.ts';
import { multiHop } from './modules/retrieve.ts';
import { treeOfThoughts } from './modules/tree-of-thoughts.ts';
import { runProgram } from './run-program.ts';

const tooLong = { error: 'maximum context length is 100 tokens', code: 'context_length_exceeded' } as const;
const question = { question: 'Why?' };
/** A model that takes so many letters, and what it answers to what it takes. */
const small = (letters: number, answer: (asked: AskedProgram) => string) =>
  fakeProgramWorld((asked) => {
    const size = asked.messages.reduce((sum, { content }) => sum + content.length, 0);
    return size > letters ? tooLong : answer(asked);
  });
const sizeOf = ({ messages }: AskedProgram) => messages.length;

describe('what is too long for the model', () => {
  const program = predict('question -> answer');
  const demos = Array.from({ length: 7 }, (_, i) => ({
    values: { question: `${i}`.repeat(100), answer: `answer ${i}` },
  }));
  const shown = withCandidate(program, { '': { demos } });

  it('is asked with fewer demonstrations, the first ones left out', async () => {
    const world = small(900, () => inSections({ answer: 'fine' }));
    const done = await runProgram(shown, question, world);
    expect(done).toMatchObject({ ok: true, output: { answer: 'fine' } });
    // A system message, two a demonstration, and the question.
    expect(world.asked.map(sizeOf)).toEqual([16, 8, 4]);
    expect(world.asked.at(-1)?.messages[1]?.content).toContain('6666');
    expect(done.calls[0]?.asks.map(({ error }) => error)).toEqual([tooLong.error, tooLong.error, null]);
  });

  it('fails where it is too long without any', async () => {
    const world = small(0, () => '');
    const done = await runProgram(shown, question, world);
    expect(done).toMatchObject({ ok: false, error: { code: 'context_length_exceeded' } });
    expect(world.asked.map(sizeOf)).toEqual([16, 8, 4, 2]);
  });

  it('is known by its words where the vendor has no code for it', async () => {
    const world = fakeProgramWorld(({ messages }) =>
      messages.length > 2 ? { error: 'prompt is too long: 9000 tokens' } : inSections({ answer: 'fine' }),
    );
    expect(await runProgram(shown, question, world)).toMatchObject({ ok: true });
  });

  it('is asked with the newer passages, where hops found many', async () => {
    const retriever = {
      retrieve: async (query: string) => ['a', 'b'].map((name) => ({ text: `${query} ${name}`.repeat(60), score: 1 })),
    };
    const world = fakeProgramWorld(
      ({ messages, text }) => {
        const passages = (JSON.parse(/\[\[ ## context ## \]\]\n(.*)/.exec(text)?.[1] ?? '[]') as string[]).length;
        if (passages > 2) return tooLong;
        const isQuery = messages[0]?.content.includes('2. `query`');
        return inSections({
          reasoning: 'r',
          ...(isQuery ? { query: `hop ${passages}` } : { answer: String(passages) }),
        });
      },
      { retriever },
    );
    const done = await runProgram(multiHop('question -> answer', { hops: 2 }), question, world);
    expect(done).toMatchObject({ ok: true, output: { answer: '2' } });
    expect(done.ok && done.output.context).toHaveLength(4);
    expect(world.asked.at(-1)?.text).toContain('hop 2 b');
  });

  it('ends that way of a tree, and not the search', async () => {
    const world = fakeProgramWorld(({ messages, text }) => {
      const system = messages[0]?.content ?? '';
      const thoughts = JSON.parse(/\[\[ ## thoughts ## \]\]\n(.*)/.exec(text)?.[1] ?? '[]') as string[];
      if (system.includes('`next_thoughts`'))
        return thoughts.length > 1 ? tooLong : inSections({ next_thoughts: [`step ${thoughts.length + 1}`] });
      if (system.includes('`judgement`')) return inSections({ reasoning: 'r', judgement: 'likely' });
      return inSections({ answer: 'fine' });
    });
    const done = await runProgram(treeOfThoughts('question -> answer', { depth: 5 }), question, world);
    expect(done).toMatchObject({ ok: true, output: { thoughts: ['step 1', 'step 2'], answer: 'fine' } });
  });

  it('is a try that failed, and advice that is left out', async () => {
    const options = { count: 3, reward: () => 0, threshold: 1 };
    const world = fakeProgramWorld(({ index }) => (index === 0 ? tooLong : inSections({ answer: 'fine' })));
    expect(await runProgram(bestOf(program, options), question, world)).toMatchObject({ ok: true });
    const advised = fakeProgramWorld(({ messages }) =>
      messages[0]?.content.includes('`advice`') ? tooLong : inSections({ answer: 'fine' }),
    );
    const refined = refine(program, { ...options, describe: 'nothing' });
    expect(await runProgram(refined, question, advised)).toMatchObject({ ok: true, output: { answer: 'fine' } });
    expect(advised.asked).toHaveLength(5);
  });
});
