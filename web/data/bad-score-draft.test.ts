import { expect, test } from 'vitest';
import { badDraftOf, badRule, badText } from './bad-score-draft.ts';

const score = {
  ...{ name: 'stars', rule: null, usual: null, suggested: { bad: 'below' as const, value: 3 } },
  ...{ seen: { count: 9, least: 1, most: 5, labels: [] }, setBy: null, setAt: null },
};

test('begins with what was said, or what may be meant', () => {
  expect(badDraftOf(score)).toEqual({ bad: 'below', value: '3', values: '' });
  expect(badDraftOf({ ...score, rule: { bad: 'one_of', values: ['a', 'b'] } })).toMatchObject({ values: 'a\nb' });
  expect(badDraftOf({ ...score, suggested: null }).bad).toBe('usual');
});

test('is a rule once it is whole', () => {
  expect(badRule({ bad: 'below', value: '', values: '' })).toBeNull();
  expect(badRule({ bad: 'above', value: '0.8', values: '' })).toEqual({ bad: 'above', value: 0.8 });
  expect(badRule({ bad: 'one_of', value: '', values: ' rude \n\n' })).toEqual({ bad: 'one_of', values: ['rude'] });
  expect(badRule({ bad: 'one_of', value: '', values: ' \n' })).toBeNull();
  expect(badRule({ bad: 'never', value: '', values: '' })).toEqual({ bad: 'never' });
});

test('is said in words', () => {
  expect(badText({ bad: 'below', value: 3 })).toBe('below 3');
  expect(badText({ bad: 'one_of', values: ['rude', 'cold'] })).toBe('rude or cold');
  expect([badText(null), badText({ bad: 'never' }), badText({ bad: 'true' })]).toEqual(['nothing', 'nothing', 'true']);
});
