import { expect, it } from 'vitest';
import { settingsOf } from './pipeline-words.ts';

it('says what a step is set to in words, and leaves out what says nothing', () => {
  const release = {
    ...{ do: 'release' as const, name: 'release', share: 0.125, steps: null, allocation: { floor: 0.1, ceiling: 0.5 } },
    ...{ sticky: 'user', rails: null, risks: { falseRollback: 0.05, missedRegression: 0.01 }, minimum: 50 },
    ...{ promotesItself: true, breaking: false, examples: { dataset: 'failures' } },
  } as const;
  expect(settingsOf(release).map(({ name, value }) => `${name}: ${value}`)).toEqual([
    'share: 12.5 %',
    'share moves: between 10 % and 50 %',
    'same version for: each user',
    'risks: 5 % rolled back in vain, 1 % promoted although worse',
    'values of each rail: 50',
    'promotes it by itself: yes',
    'failed calls become drafts of: failures',
  ]);
  const steps = [
    { share: 0.1, after: 0 },
    { share: 0.5, after: 200 },
  ];
  expect(settingsOf({ do: 'release', name: 'release', steps })).toEqual([
    { name: 'share grows', value: '10 % from 0 on, 50 % from 200 on' },
  ]);
  const optimize = {
    do: 'optimize',
    name: 'optimize',
    optimizer: { name: 'mipro', effort: 'light' },
    scorers: [],
  } as const;
  expect(settingsOf(optimize)).toEqual([{ name: 'optimizer', value: 'mipro, effort light' }]);
});
