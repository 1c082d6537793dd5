import { expect, test } from 'vitest';
import { splitScorers } from './split-scorers.ts';

test('names are split at commas, and the options of a scorer stay whole', () => {
  expect(splitScorers('exact, levenshtein,')).toEqual(['exact', 'levenshtein']);
  expect(splitScorers('exact,contains {"values":["a,b","}"],"need":"any"},bleu')).toEqual([
    'exact',
    'contains {"values":["a,b","}"],"need":"any"}',
    'bleu',
  ]);
});
