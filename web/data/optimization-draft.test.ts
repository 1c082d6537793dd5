import { expect, it } from 'vitest';
import { budgetOf, newOptimizationDraft, optimizationBody } from './optimization-draft.ts';

const draft = { ...newOptimizationDraft, program: 'guide@2', dataset: 'towns' };

it('asks with what was said and leaves the rest to the server', () => {
  expect(optimizationBody(draft)).toEqual({
    ...{ program: 'guide@2', dataset: 'towns', scorers: ['exact'], optimizer: { name: 'random-search' } },
    ...{ budget: { calls: 1000 }, seed: 0, concurrency: 8 },
  });
  const more = 'judge_reference {"model":"openai/gpt-4o-mini"}\n';
  expect(
    optimizationBody({ ...draft, name: ' shorter ', model: 'sim/rules', version: '3', more, dollars: '2', calls: '' }),
  ).toMatchObject({
    ...{ name: 'shorter', model: 'sim/rules', version: 3, budget: { dollars: '2' } },
    scorers: ['exact', 'judge_reference {"model":"openai/gpt-4o-mini"}'],
  });
});

it('tells an optimizer what is its own, as what it is', () => {
  const options = { effort: 'heavy', demos: 'no', candidates: '4' };
  expect(optimizationBody({ ...draft, optimizer: 'mipro', options })?.optimizer).toEqual({
    ...{ name: 'mipro', effort: 'heavy', demos: false },
  });
  expect(optimizationBody({ ...draft, options })?.optimizer).toEqual({ name: 'random-search', candidates: 4 });
});

it('is nothing yet without a program, rows, a scorer or a bound', () => {
  for (const missing of [{ program: '' }, { dataset: '' }, { scorers: [] }, { calls: '' }])
    expect(optimizationBody({ ...draft, ...missing })).toBeNull();
  expect(budgetOf({ dollars: '', calls: '', minutes: '5' })).toEqual({ minutes: 5 });
});
