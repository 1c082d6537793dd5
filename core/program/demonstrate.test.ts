import { fakeProgramWorld, inSections } from '@wheelhouse/testing/fakes';
import { describe, expect, it } from 'vitest';
import { allBut, annotate, demonstrate, sample } from './demonstrate.ts';
import { compose } from './module.ts';
import { predict } from './modules/predict.ts';

const train = [1, 2, 3, 4, 5].map((n) => ({ question: `q${n}`, answer: `a${n}` }));

describe('demonstrations', () => {
  it('are annotated until there are enough, without those that a step gives up', async () => {
    const odd = annotate(
      (one) => (Number(String(one.question).slice(1)) % 2 === 1 ? one : null),
      async (one) => ({ ...one, seen: true }),
    );
    const demos = await odd(train, { count: 2, rest: true });
    expect(demos.map(({ values, augmented }) => [values.question, augmented])).toEqual([
      ['q1', true],
      ['q3', true],
      ['q4', undefined],
      ['q5', undefined],
    ]);
    expect(await annotate(() => null)(train, { count: 3 })).toEqual([]);
  });

  it('come of runs that were right, one for every predictor in them', async () => {
    const program = compose(
      { hop: predict('question -> query'), last: predict('query -> answer') },
      async ({ question }: { question: string }, { hop, last }) => {
        await hop({ question: 'warm-up' });
        return last(await hop({ question }));
      },
    );
    const world = fakeProgramWorld(({ text, index }) => {
      if (text.includes('q2')) return 'garbage';
      return inSections(text.includes('`[[ ## query ## ]]`') ? { query: `find ${index}` } : { answer: 'a3' });
    });
    const examples = train.map(({ question, answer }) => ({ input: { question }, expected: answer }));
    const found = await demonstrate(program, examples, world, {
      count: 2,
      accept: ({ answer }, { expected }) => answer === expected,
    });
    expect(found.hop?.demos?.map(({ values }) => values.question)).toEqual(['q3']);
    expect(found.last?.demos).toMatchObject([{ values: { answer: 'a3' }, augmented: true }]);
  });

  it('never show an example its own answer, and are drawn the same for the same seed', () => {
    expect(allBut(train, { answer: 'a2', question: 'q2' }).map(({ question }) => question)).not.toContain('q2');
    expect(sample(train, 3, 5)).toEqual(sample(train, 3, 5));
    expect(sample(train, 9, 5)).toHaveLength(5);
  });
});
