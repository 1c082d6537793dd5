import { expect, test } from 'vitest';
import { asDraft, firstDraft, memberAt, newStep, stepFields, swapped, withMember } from './pipeline-draft.ts';

test('members are read and written at their places, and what is beside them stays', () => {
  const step = { do: 'optimize', budget: { dollars: '5', calls: 3 } };
  expect(memberAt(step, 'budget.dollars')).toBe('5');
  expect(memberAt(step, 'optimizer.name')).toBeUndefined();
  expect(withMember(step, 'budget.dollars', '7')).toEqual({ do: 'optimize', budget: { dollars: '7', calls: 3 } });
  expect(withMember(step, 'optimizer.name', 'gepa')).toMatchObject({ optimizer: { name: 'gepa' } });
  expect(withMember({ examples: { dataset: 'a' } }, 'examples.dataset', null)).toEqual({});
  expect(withMember({ alias: 'a' }, 'alias', null)).toEqual({ alias: null });
});

test('steps change places, and the first and last stay where nothing is beyond them', () => {
  expect(swapped(['a', 'b', 'c'], 1, -1)).toEqual(['b', 'a', 'c']);
  expect(swapped(['a', 'b'], 1, 1)).toEqual(['a', 'b']);
  expect(swapped(['a', 'b'], 0, -1)).toEqual(['a', 'b']);
});

test('text becomes fields where it is a definition, and is told otherwise', () => {
  expect(asDraft({ name: 'refresh', model: 'bot', steps: [{ do: 'publish' }] })).toEqual({
    ...{ model: 'bot', steps: [{ do: 'publish' }], triggers: [] },
  });
  expect(asDraft([])).toContain('no pipeline');
  expect(asDraft({ steps: ['publish'] })).toContain('`steps`');
  expect(asDraft({ steps: [], triggers: 'x' })).toContain('`triggers`');
});

test('every kind of step has fields and begins with its own kind', () => {
  for (const kind of Object.keys(stepFields) as (keyof typeof stepFields)[]) expect(newStep(kind).do).toBe(kind);
  expect(firstDraft('bot').steps).toHaveLength(6);
});
