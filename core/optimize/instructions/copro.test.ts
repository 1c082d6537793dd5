import { fakeProgramWorld, inSections } from '@wheelhouse/testing/fakes';
import { expect, it } from 'vitest';
import { predict } from '../../program/index.ts';
import { compile, copro } from '../index.ts';

it('keeps the best instruction of each round, and shows the next what was tried, the best last', async () => {
  let written = 0;
  // The model knows as many answers as the number in its instruction says.
  const world = fakeProgramWorld(({ text, messages }) => {
    if (text.includes('proposed_instruction'))
      return inSections({ proposed_instruction: `level ${[3, 1, 5, 2][written++ % 4]}` });
    const known = Number(/level (\d)/.exec(messages[0]?.content ?? '')?.[1] ?? 0);
    const [, n] = /\[\[ ## n ## \]\]\n(\d)/.exec(text) ?? [];
    return inSections({ answer: Number(n) < known ? 'right' : 'wrong' });
  });
  const rows = Array.from({ length: 8 }, (_, n) => ({ input: { n } }));
  const done = await compile(
    predict('n: int -> answer'),
    {
      ...{
        train: rows,
        heldOut: [],
        metric: ({ output }) => output.answer === 'right',
        seed: 1,
        budget: { calls: 400 },
      },
      optimizer: copro({ breadth: 3, depth: 2 }),
    },
    { world, clock: { now: () => 0n } },
  );
  expect(done.best.candidate['']?.instructions).toBe('level 5');
  expect(done.report.candidates.map(({ scores }) => scores[0]?.score)).toEqual([3 / 8, 1 / 8, 5 / 8, 2 / 8]);
  const asked = world.asked.filter(({ text }) => text.includes('attempts'));
  const scores = [...(asked[0]?.text ?? '').matchAll(/Score ([\d.]+):/g)].map(([, score]) => Number(score));
  expect(scores).toEqual([0, 12.5, 37.5]);
});
