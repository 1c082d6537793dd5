import { fakeProgramWorld, inSections } from '@wheelhouse/testing/fakes';
import { describe, expect, it } from 'vitest';
import { compose, predict } from '../../program/index.ts';
import { type CompileEvent, compile, gepa } from '../index.ts';

const twoSteps = compose(
  { plan: predict('n: int -> idea'), act: predict('n: int, idea -> answer') },
  async ({ n }: { n: number }, { plan, act }) => act({ n, idea: (await plan({ n })).idea }),
);

type Given = { writes: (module: string) => string; runs: number; isCostly?: boolean; seed?: number };

/**
 * Even numbers are answered right where the plan's instruction says `even`, odd ones where the act's says `odd`; 8 and 9 always,
 * or, where that is costly, as long as nobody says so.
 */
async function evolve({ writes, runs, isCostly = false, seed = 3 }: Given) {
  const events: CompileEvent[] = [];
  const reflections: string[] = [];
  const world = fakeProgramWorld(({ text, messages }) => {
    const system = messages[0]?.content ?? '';
    if (text.includes('## new_instruction ##')) {
      reflections.push(text);
      return inSections({ new_instruction: writes(text.includes('Module `plan`') ? 'plan' : 'act') });
    }
    const n = Number(/\[\[ ## n ## \]\]\n(\d)/.exec(text)?.[1]);
    if (!text.includes('[[ ## idea ## ]]\n')) return inSections({ idea: system.includes('even') ? 'good' : 'none' });
    const isSaid = n % 2 === 0 ? text.includes('good') : system.includes('odd');
    const isRight = n < 8 ? isSaid : !(isCostly && isSaid);
    return inSections({ answer: isRight ? 'right' : 'wrong' });
  });
  const rows = Array.from({ length: 10 }, (_, n) => ({ input: { n } }));
  const done = await compile(
    twoSteps,
    {
      ...{ train: rows, validation: rows, heldOut: [], seed, budget: { calls: 5000 }, optimizer: gepa({ runs }) },
      metric: ({ output, input }) => ({
        score: output.answer === 'right' ? 1 : 0,
        feedback: `About ${input.n}.`,
        feedbackOf: { plan: `The plan of ${input.n}.` },
      }),
      onEvent: (event) => void events.push(event),
    },
    { world, clock: { now: () => 0n } },
  );
  return { done, events, reflections };
}
const scoredOn = (events: readonly CompileEvent[], rows: number) =>
  events.flatMap((event) => (event.type === 'scored' && event.rows === rows ? [event] : []));

describe('reflection', () => {
  it('keeps only what is strictly better on the rows that it was written from', async () => {
    let written = 0;
    const { done, events } = await evolve({ writes: () => `nothing new ${written++}`, runs: 60 });
    expect(scoredOn(events, 3).length).toBeGreaterThan(3);
    expect(scoredOn(events, 10)).toHaveLength(1);
    expect(done.report.verdict).toBe('no_gain');
  });

  it('learns of each predictor in turn, from what that was given and what is said of it', async () => {
    const { done, events, reflections } = await evolve({
      writes: (module) => (module === 'plan' ? 'even' : 'odd'),
      runs: 200,
    });
    expect(done.best.candidate.plan?.instructions).toBe('even');
    expect(done.best.candidate.act?.instructions).toBe('odd');
    expect(reflections[0]).toContain('Module `plan`');
    expect(reflections[0]).toMatch(/The plan of \d\./);
    expect(reflections.some((text) => text.includes('Module `act`') && /About \d\./.test(text))).toBe(true);
    const fronts = events.flatMap((event) => (event.type === 'front' ? [event.members] : []));
    const all = [...Array(10).keys()];
    expect(fronts[0]).toMatchObject([{ leads: all }]);
    expect(fronts.at(-1)).toMatchObject([{ score: 1, leads: all }]);
    const ids = new Set(done.report.candidates.map(({ id }) => id));
    for (const { parents } of done.report.candidates) expect(parents.length).toBeGreaterThan(0);
    expect(ids.size).toBe(done.report.candidates.length);
    // All that can be had: nothing is asked beyond it.
    expect(done.report.stopped.reason).toBe('done');
  });

  it('joins what two candidates learnt apart', async () => {
    const writes = (module: string) => (module === 'plan' ? 'even' : 'odd');
    let merged = 0;
    for (let seed = 1; seed <= 6; seed++) {
      const { events } = await evolve({ writes, runs: 250, isCostly: true, seed });
      for (const event of events) {
        if (event.type !== 'candidate' || event.by !== 'merge') continue;
        merged++;
        expect(event.parents).toHaveLength(2);
        const { plan, act } = event.candidate;
        expect([plan?.instructions, act?.instructions]).toEqual(['even', 'odd']);
      }
    }
    expect(merged).toBeGreaterThan(0);
  });
});
