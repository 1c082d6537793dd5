import { by, openEvals } from '@wheelhouse/testing/evals';
import { expect, test } from 'vitest';
import { createGateReader } from './gate-reader.ts';

test('gates of an alias are decided by the newest completed evaluation of both versions, whichever was its baseline', async () => {
  const api = await openEvals();
  const reader = createGateReader(api);
  const ask = {
    model: 'bot',
    version: 2,
    against: 1,
    gates: ['exact >= baseline + 50pp', 'bleu >= 0.5', 'errors <= 10%'],
  };
  const states = async (change: Partial<typeof ask> | { against: null } = {}) => {
    const { evaluation, results } = await reader.decide(by.project, { ...ask, ...change });
    return [evaluation, ...results.map(({ state }) => state)];
  };
  await api.create({ runs: [{ ref: 'bot@2' }] });
  expect(await states()).toEqual([null]);
  await api.jobs.runAll();
  expect(await states()).toEqual([null]);
  const { id } = await api.create({ runs: [{ ref: 'bot@2' }, { ref: 'sim/echo' }, { ref: 'bot@1' }] });
  expect(await states()).toEqual([null]);
  await api.jobs.runAll();
  expect(await states()).toEqual([id, 'held', 'not_measured', 'held']);
  expect(await states({ version: 1, against: 2 })).toEqual([id, 'failed', 'not_measured', 'held']);
  // On its own there is nothing that it could be worse than.
  expect(await states({ against: null })).toEqual([id, 'held', 'not_measured', 'held']);
  expect(await states({ version: 3 })).toEqual([null]);
});
