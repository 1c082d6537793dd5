import { expect, it } from 'vitest';
import { type OptimizerName, optimizerOfData } from './optimizer-of-data.ts';

it.each<[OptimizerName, object]>([
  ['labeled-few-shot', { k: 3 }],
  ['bootstrap-few-shot', { maxRounds: 2 }],
  ['random-search', { candidates: 5, stopAt: 0.9 }],
  ['mipro', { effort: 'medium', demos: false }],
  ['gepa', { minibatch: 5 }],
  ['copro', { depth: 2 }],
  ['simba', { steps: 3 }],
])('%s is the same optimizer when it is made of all the options that it says', (name, given) => {
  const first = optimizerOfData(name, given as never);
  expect(first).toMatchObject({ name, options: given });
  expect(optimizerOfData(name, JSON.parse(JSON.stringify(first.options))).options).toEqual(first.options);
});
