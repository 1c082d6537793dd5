import { fakeProgramWorld, inSections, ruleTask } from '@wheelhouse/testing/fakes';
import { describe, expect, it } from 'vitest';
import { chainOfThought, compose, predict } from '../../program/index.ts';
import { bootstrapFewShot, compile, labeledFewShot } from '../index.ts';

const task = () => ruleTask({ seed: 6, rules: 5, labels: 3, train: 30, validation: 0, heldOut: 10 });
const compiled = async (optimizer = bootstrapFewShot(), seed = 1) => {
  const { program, train, heldOut, metric, deps } = task();
  const done = await compile(program, { train, heldOut, metric, optimizer, seed, budget: { calls: 500 } }, deps);
  return { demos: done.best.candidate['']?.demos ?? [], train, asked: deps.world.asked };
};

describe('demonstrations', () => {
  it('are at most four of runs and sixteen in all, each row once, the first ones that were right', async () => {
    const { demos, train } = await compiled();
    expect(demos).toHaveLength(16);
    expect(demos.filter(({ augmented }) => augmented)).toHaveLength(4);
    expect(demos.slice(0, 4).every(({ augmented, traceId }) => augmented && traceId)).toBe(true);
    const questions = demos.map(({ values }) => values.question);
    expect(new Set(questions).size).toBe(16);
    const places = questions.slice(0, 4).map((question) => train.findIndex(({ input }) => input.question === question));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    for (const { values } of demos) {
      const row = train.find(({ input }) => input.question === values.question);
      expect({ label: values.label }).toEqual(row?.expected);
    }
  });

  it('are the same for the same seed, and others for another', async () => {
    const optimizer = labeledFewShot({ k: 5 });
    const [first, again, other] = [await compiled(optimizer), await compiled(optimizer), await compiled(optimizer, 2)];
    expect(first.demos).toHaveLength(5);
    expect(again.demos).toEqual(first.demos);
    expect(other.demos).not.toEqual(first.demos);
  });

  it('come of another try where the first was wrong, with temperature 1 and another seed', async () => {
    const { asked } = await compiled(bootstrapFewShot({ maxRounds: 3, maxLabeled: 0 }));
    const again = asked.filter(({ parameters }) => parameters.temperature === 1);
    expect(again.length).toBeGreaterThan(0);
    expect(new Set(again.map(({ parameters }) => parameters.seed))).toEqual(new Set([1, 2]));
  });

  it('come of every run that scored, or of those from a threshold on', async () => {
    const world = fakeProgramWorld(() => inSections({ answer: 'x' }));
    const train = Array.from({ length: 6 }, (_, n) => ({ input: { question: String(n) }, expected: 'x' }));
    const runsShown = async (given: Parameters<typeof bootstrapFewShot>[0]) => {
      const optimizer = bootstrapFewShot({ maxLabeled: 0, ...given });
      const metric = ({ input }: { input: { question: string } }) => Number(input.question) / 5;
      const options = { train, heldOut: [], metric, optimizer, seed: 1, budget: { calls: 50 } };
      const done = await compile(predict('question -> answer'), options, { world, clock: { now: () => 0n } });
      return done.best.candidate['']?.demos?.map(({ values }) => values.question);
    };
    expect(await runsShown({})).toEqual(['1', '2', '3', '4']);
    expect(await runsShown({ threshold: 0.6 })).toEqual(['3', '4', '5']);
  });

  it('of one label at the end show every step', async () => {
    const program = compose(
      { ask: predict('question -> query'), read: chainOfThought('query -> answer') },
      async ({ question }: { question: string }, { ask, read }) => read({ query: (await ask({ question })).query }),
    );
    const world = fakeProgramWorld(({ text }) =>
      inSections(
        text.includes('## query ##') && !text.includes('## question ##')
          ? { reasoning: 'r', answer: 'x' }
          : { query: 'q' },
      ),
    );
    const train = ['a', 'b', 'c'].map((question) => ({ input: { question }, expected: { answer: 'x' } }));
    const optimizer = bootstrapFewShot({ maxBootstrapped: 2, maxLabeled: 3 });
    const metric = ({ output }: { output: { answer: string } }) => output.answer === 'x';
    const done = await compile(
      program,
      { train, heldOut: [], metric, optimizer, seed: 1, budget: { calls: 50 } },
      { world, clock: { now: () => 0n } },
    );
    const { ask, 'read.predict': read } = done.best.candidate;
    expect(ask?.demos?.map(({ values }) => values)).toEqual([
      { question: 'a', query: 'q' },
      { question: 'b', query: 'q' },
    ]);
    expect(read?.demos?.map(({ values }) => values)).toEqual([
      { query: 'q', reasoning: 'r', answer: 'x' },
      { query: 'q', reasoning: 'r', answer: 'x' },
    ]);
  });
});
