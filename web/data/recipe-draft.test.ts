import type { RecipeStep } from '@wheelhouse/core/records';
import { describe, expect, it } from 'vitest';
import { newStep, recipeDraftOf, recipeOf, stepDraftOf, stepKinds, stepOf, stepProblem } from './recipe-draft.ts';
import { livingRows, recipePreview } from './recipe-preview.ts';

const steps: RecipeStep[] = [
  { do: 'filter', not: true, split: 'test', tag: 'old', text: 'ship, to', metadata: { 'customer.plan': 'pro: a' } },
  { do: 'map', move: { 'input.q': 'input.question', expected: 'metadata.was' }, drop: ['metadata.raw', 'expected'] },
  { do: 'balance', by: 'expected' },
  { do: 'balance', by: 'metadata.plan', most: 3 },
  { do: 'deduplicate' },
  { do: 'deduplicate', near: 0.9 },
  { do: 'augment', with: ['typos', 'lowercase'], copies: 2 },
  { do: 'mask' },
  { do: 'sample', rows: 10, seed: 'a' },
  { do: 'split', parts: { train: 80, test: 20 }, by: 'metadata.customer', seed: '' },
  { do: 'tag', add: ['live', 'gold'] },
];

describe('a recipe as it is typed', () => {
  it('becomes the recipe that it was read from', () => {
    const recipe = { from: 'support', version: 3, steps };
    expect(recipeOf(recipeDraftOf(recipe))).toEqual(recipe);
    expect(recipeOf(recipeDraftOf({ ...recipe, version: null }))?.version).toBeNull();
    expect(new Set(steps.map((step) => step.do))).toEqual(new Set(stepKinds));
  });

  it('says what is not whole yet, and is none until then', () => {
    const problems = stepKinds.flatMap((kind) => stepProblem(newStep(kind)) ?? []);
    expect(problems).toEqual([
      'It says nothing of which rows.',
      'It says what to move or what to forget.',
      'It says which tags.',
    ]);
    expect(stepProblem({ do: 'map', move: 'input.q', drop: '' })).toContain('two paths');
    expect(stepProblem({ do: 'map', move: 'question → input', drop: '' })).toContain('question is no path');
    expect(stepProblem({ do: 'filter', not: false, split: '', tag: '', text: '', metadata: 'plan' })).toContain('plan');
    expect(stepProblem({ do: 'deduplicate', near: '0.1' })).not.toBeNull();
    expect(stepProblem({ do: 'augment', with: ['typos'], copies: '11' })).not.toBeNull();
    expect(stepProblem({ do: 'sample', rows: '1.5', seed: '' })).not.toBeNull();
    const draft = recipeDraftOf({ from: 'support', version: null, steps: [] });
    expect(recipeOf({ ...draft, steps: [{ key: 0, step: newStep('tag') }] })).toBeNull();
    expect(recipeOf({ ...draft, from: '' })).toBeNull();
  });

  it('takes an arrow of two characters, and spaces anywhere', () => {
    const move = ' input.q->input.question \n\n expected  →  metadata.was';
    expect(stepOf({ do: 'map', move, drop: '\n metadata.raw \n' })).toEqual({
      do: 'map',
      move: { 'input.q': 'input.question', expected: 'metadata.was' },
      drop: ['metadata.raw'],
    });
    expect(stepDraftOf({ do: 'map', move: { expected: 'input' }, drop: [] })).toMatchObject({
      move: 'expected → input',
    });
  });
});

it('the preview counts the rows that come out of each step, without those that were erased', async () => {
  const row = (id: string, input: string, erasedAt: string | null = null) => ({
    ...{ id, hash: id, input, expected: null, metadata: {}, tags: [], split: null, weight: 1, source: null, erasedAt },
  });
  const rows = livingRows([row('1', 'a b'), row('2', 'A b.'), row('3', 'c'), row('4', '', '2026-01-01T00:00:00Z')]);
  const { counts, rows: made } = await recipePreview(rows, [
    { do: 'augment', with: ['lowercase'], copies: 1 },
    { do: 'filter', text: 'c' },
    { do: 'tag', add: ['x'] },
  ]);
  expect(counts).toEqual([6, 2, 2]);
  expect(made.map(({ tags }) => tags)).toEqual([['x'], ['augmented', 'x']]);
});
