import { simProgramWorld } from '@wheelhouse/testing/fakes';
import { describe, expect, it } from 'vitest';
import {
  type Adapter,
  type Candidate,
  chatAdapter,
  jsonAdapter,
  predict,
  runProgram,
  selfConsistency,
  withCandidate,
  xmlAdapter,
} from '../program/index.ts';
import type { JsonObject } from '../records/index.ts';
import { planSim, ruleWorld } from './index.ts';

const world = ruleWorld({ seed: 3, rules: 12, labels: 4, rows: 160 });
const task = predict("question -> reasoning, label: Literal['class-1', 'class-2', 'class-3', 'class-4']");
const instructions = ['Label the question.', ...world.rules].join('\n');

type Ask = { candidate?: Candidate; sim?: JsonObject; adapter?: Adapter; parameters?: JsonObject };
async function shareRight({ candidate = {}, sim = {}, adapter = chatAdapter, parameters = {} }: Ask) {
  const program = withCandidate(task, candidate);
  let right = 0;
  for (const { input, expected } of world.rows) {
    const done = await runProgram(program, input, simProgramWorld(sim, { adapter }), { parameters });
    if (done.ok && done.output.label === expected.label) right++;
  }
  return right / world.rows.length;
}

/** A row for each rule, as a demonstration. */
const shown = world.rules.flatMap((rule) => {
  const row = world.rows.find((one) => one.rule === rule);
  return row ? [{ values: { ...row.input, reasoning: 'r', ...row.expected } }] : [];
});

describe('the simulated student', () => {
  it('guesses where it was told nothing', async () => {
    const share = await shareRight({});
    expect(share).toBeGreaterThan(0.1);
    expect(share).toBeLessThan(0.4);
  });

  it.each([chatAdapter, jsonAdapter, xmlAdapter])(
    'follows the rules of its instructions, in the $name form',
    async (adapter) => {
      expect(await shareRight({ candidate: { '': { instructions } }, adapter })).toBe(1);
    },
  );

  it.each([chatAdapter, xmlAdapter])('follows demonstrations of the same word, in the $name form', async (adapter) => {
    const share = await shareRight({ candidate: { '': { demos: shown } }, adapter });
    expect(share).toBeGreaterThan(0.8);
  });

  it('does either as often as it is told, and less on what is hard', async () => {
    const rules = (sim: JsonObject) => shareRight({ candidate: { '': { instructions } }, sim });
    const half = await rules({ rule_following: 0.5, demonstration_following: 0 });
    expect(half).toBeGreaterThan(0.45);
    expect(half).toBeLessThan(0.8);
    const hard = await rules({ difficulty: 1 });
    expect(hard).toBeGreaterThan(0.45);
    expect(hard).toBeLessThan(0.8);
    const deaf = await shareRight({ candidate: { '': { demos: shown } }, sim: { demonstration_following: 0 } });
    expect(deaf).toBeLessThan(0.4);
  });

  it('answers the same to the same, and otherwise to another seed, so that votes help it', async () => {
    const [row] = world.rows;
    const sim = { rule_following: 0.6 };
    const ask = (seed: number) =>
      runProgram(withCandidate(task, { '': { instructions } }), row?.input ?? { question: '' }, simProgramWorld(sim), {
        rollout: seed,
      });
    const texts = await Promise.all(
      [0, 0, ...Array.from({ length: 12 }, (_, i) => i + 1)].map(async (seed) => {
        const done = await ask(seed);
        return done.ok ? done.output.label : '';
      }),
    );
    expect(texts[0]).toBe(texts[1]);
    expect(new Set(texts).size).toBeGreaterThan(1);
    const voting = selfConsistency(withCandidate(task, { '': { instructions } }), { samples: 15 });
    let right = 0;
    for (const { input, expected } of world.rows.slice(0, 40)) {
      const done = await runProgram(voting, input, simProgramWorld(sim));
      if (done.ok && done.output.label === expected.label) right++;
    }
    expect(right).toBeGreaterThan(36);
  });

  it('writes the rules down that it comes upon, when it is asked for instructions', async () => {
    const propose = predict('current: str, feedback: str -> proposed_instruction');
    const [first = '', second = ''] = world.rules;
    const feedback = `Wrong. ${first}.\nAlso: ${second}`;
    const done = await runProgram(propose, { current: 'Label.', feedback }, simProgramWorld());
    expect(done.ok && done.output.proposed_instruction.split('\n')).toEqual([
      'Answer with one of the labels.',
      first,
      second,
    ]);
    const content = `Feedback: ${first}\nWrite the new instructions within \`\`\` blocks.`;
    const plan = planSim({ model: 'sim/student', messages: [{ role: 'user', content }], sim: { insight: 0 } });
    expect(plan.outcome === 'answer' && plan.chunks.map(({ text }) => text).join('')).toBe(
      '```\nAnswer with one of the labels.\n```',
    );
  });
});

describe('the rule world', () => {
  it('is the same for the same seed, and has a rule for every row', () => {
    const again = ruleWorld({ seed: 3, rules: 12, labels: 4, rows: 160 });
    expect(again).toEqual(world);
    expect(new Set(world.rows.map(({ expected }) => expected.label))).toEqual(new Set(world.labels));
    for (const { rule } of world.rows) expect(world.rules).toContain(rule);
    expect(ruleWorld({ seed: 4, rules: 12, labels: 4, rows: 160 }).rules).not.toEqual(world.rules);
  });
});
