import { expect, test } from 'vitest';
import { rehearseScorer } from './rehearse.ts';

const checker = { check: () => null, checkSchema: () => null };
const target = {
  input: 'Where is my order?',
  output: 'On its way. It comes tomorrow.',
  expected: 'Tomorrow.',
  metadata: {},
};
const model = 'openai/gpt-4o-mini';

test.each([
  ['exact', 0],
  ['code {"source":"return 1"}', 0],
  [`judge_rubric {"model":"${model}","rubric":"Is it kind?"}`, 1],
  [`judge_rubric {"model":"${model}","rubric":"Is it kind?","choices":{"yes":1,"no":0},"schema":false}`, 1],
  [`judge_reference {"model":"${model}"}`, 1],
  [`judge_pairwise {"model":"${model}"}`, 2],
  [`judge_panel {"models":["${model}","openai/gpt-4o"],"rubric":"Is it kind?"}`, 2],
  [`judge_g_eval {"model":"${model}","criteria":"kind"}`, 1],
  [`judge_g_eval {"model":"${model}","criteria":"kind","logprobs":false,"samples":7}`, 7],
  [`judge_model {"model":"${model}"}`, 1],
  [`faithfulness {"model":"${model}"}`, 2],
  [`context_recall {"model":"${model}"}`, 2],
  [`context_precision {"model":"${model}"}`, 1],
  [`answer_relevance {"model":"${model}","embedder":"sim/embed"}`, 2],
  ['embedding_similarity {"model":"sim/embed"}', 1],
])('%s makes so many calls', async (label, count) => {
  const calls = await rehearseScorer(label, target, { checker });
  expect(calls).toHaveLength(count);
  for (const call of calls) expect(call.inputCharacters).toBeGreaterThan(20);
});

test('a longer answer makes a longer question', async () => {
  const label = `judge_reference {"model":"${model}"}`;
  const [short] = await rehearseScorer(label, target, { checker });
  const [long] = await rehearseScorer(label, { ...target, output: 'x'.repeat(5_000) }, { checker });
  expect(long?.inputCharacters).toBe((short?.inputCharacters ?? 0) + 5_000 - target.output.length);
});
