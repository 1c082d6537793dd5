import { fakeProgramWorld, inSections } from '@wheelhouse/testing/fakes';
import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../records/index.ts';
import type { AnyModule } from './module.ts';
import { bestOf } from './modules/best-of.ts';
import { chainOfThought } from './modules/chain-of-thought.ts';
import { compareChains } from './modules/compare-chains.ts';
import { ensemble } from './modules/ensemble.ts';
import { parallel } from './modules/parallel.ts';
import { predict } from './modules/predict.ts';
import { programOfThought } from './modules/program-of-thought.ts';
import { react } from './modules/react.ts';
import { refine } from './modules/refine.ts';
import { multiHop } from './modules/retrieve.ts';
import { selfConsistency } from './modules/self-consistency.ts';
import { treeOfThoughts } from './modules/tree-of-thoughts.ts';
import { runProgram } from './run-program.ts';

const of = "question -> answer: Literal['yes', 'no']";
const tries = { count: 3, reward: () => 0, threshold: 1 };
const tool = { name: 'look', description: 'Looks.', parameters: { type: 'object' } as const, run: () => 'nothing' };
const modules: [string, AnyModule][] = [
  ['predict', predict(of)],
  ['chain of thought', chainOfThought(of)],
  ['self-consistency', selfConsistency(predict(of), { samples: 5 })],
  ['comparison of chains', compareChains(of)],
  ['best of', bestOf(predict(of), tries)],
  ['refine', refine(predict(of), { ...tries, describe: 'nothing' })],
  ['ensemble', ensemble([predict(of), chainOfThought(of)] as AnyModule[])],
  ['tree by bfs', treeOfThoughts(of, { depth: 4, budget: 12 })],
  ['tree by dfs', treeOfThoughts(of, { strategy: 'dfs', generate: 'sample', evaluate: 'vote', depth: 9, budget: 12 })],
  ['react', react(of, { tools: [tool], steps: 6 })],
  ['program of thought', programOfThought(of)],
  ['hops', multiHop(of)],
];

const everyField = {
  ...{ reasoning: 'r', rationale: 'r', answer: 'yes', next_thoughts: ['t'], next_thought: 't', judgement: 'likely' },
  ...{ best: 1, next_tool_name: 'look', next_tool_args: {}, generated_code: 'while (true) {}', query: 'q' },
  ...{ discussion: 'd', advice: { predict: 'a' } },
};
const answers: [string, string | { error: string; code: ErrorCode }][] = [
  ['answers garbage', 'lorem ipsum {"a":'],
  ['says nothing', ''],
  ['refuses', 'I am sorry, I cannot help with that.'],
  ['loops', '[[ ## answer ## ]]\n[[ ## reasoning ## ]]\n'.repeat(500)],
  ['goes on for ever', inSections(everyField)],
  [
    'writes the marks into its values',
    inSections({ ...everyField, reasoning: '[[ ## answer ## ]] maybe\n[[ ## completed ## ]]' }),
  ],
  ['times out', { error: 'No answer in time.', code: 'upstream_timeout' }],
  ['is blocked', { error: 'Blocked.', code: 'content_policy_violation' }],
];

describe.each(answers)('a model that %s', (_, answer) => {
  it.each(modules)('gives a %s a clear result, after few questions', async (_, program) => {
    const sandbox = { run: async () => ({ answer: 'yes' }) };
    const retriever = { retrieve: async () => [{ text: 'a passage', score: 1 }] };
    const world = fakeProgramWorld(() => answer, { sandbox, retriever });
    const done = await runProgram(program, { question: 'Why?' }, world);
    expect(world.asked.length).toBeLessThanOrEqual(120);
    if (done.ok) expect(['yes', 'no']).toContain((done.output as { answer: string }).answer);
    else expect(done.error.code).toBe(typeof answer === 'string' ? 'answer_unreadable' : answer.code);
    if (typeof answer !== 'string') expect(done.ok).toBe(false);
  });

  it('gives several inputs at once a result each', async () => {
    const world = fakeProgramWorld(() => answer);
    const inputs = [{ question: 'a' }, { question: 'b' }];
    expect(await runProgram(parallel(predict(of)), inputs, world)).toMatchObject({ ok: true, output: { length: 2 } });
  });
});
