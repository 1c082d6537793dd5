import { expect, test } from 'vitest';
import { type Answered, compareBehaviour } from './behaviour.ts';

const said = (output: string | null, more: Partial<Answered> = {}): Answered => ({
  ...{ output, latencyNs: 10n, costNanoUsd: null, ...more },
});
const row = (before: (string | null)[], after: (string | null)[]) => ({
  before: before.map((text) => said(text)),
  after: after.map((text) => said(text)),
});

test('tells what is the same, changed, fails and recovers, input by input', () => {
  const { rows, counts, alike } = compareBehaviour([
    row(['Yes.'], [' Yes.\n']),
    row(['{"a": 1, "b": 2}'], ['{"b":2,"a":1}']),
    row(['one two three four'], ['one two three five']),
    row(['Yes.'], [null]),
    row([null], ['Yes.']),
    row([null], [null]),
    row(['Yes.', 'Yes.'], ['Yes.', null]),
    row(['Yes.', 'No.'], ['No.', 'Maybe.']),
  ]);
  expect(rows).toEqual(['same', 'same', 'changed', 'fails', 'recovers', 'both_fail', 'fails', 'same']);
  expect(counts).toEqual({ same: 3, changed: 1, fails: 2, recovers: 1, both_fail: 1 });
  expect(alike.slice(0, 4)).toEqual([1, 1, 0.75, null]);
});

test('tells how stable a version is, and what an answer is like', () => {
  const { before, after } = compareBehaviour([
    row(['a b', 'a b'], ['a b', 'a c']),
    { before: [said('xx', { latencyNs: 30n, costNanoUsd: 4n })], after: [said('yyyy', { latencyNs: 50n })] },
  ]);
  expect(before).toEqual({ stable: 1, alike: 1, length: 8 / 3, latencyNs: 50 / 3, costNanoUsd: 4 });
  expect(after).toMatchObject({ stable: 0, alike: 0.5, costNanoUsd: null });
  expect(compareBehaviour([row(['a'], ['a'])]).before).toMatchObject({ stable: null, alike: null });
});

test('names members that answers lost, and have now', () => {
  const { keys } = compareBehaviour([
    row(['{"answer":1,"why":""}'], ['{"answer":1,"reason":""}']),
    row(['[1]'], ['plain']),
  ]);
  expect(keys).toEqual({ gone: ['why'], added: ['reason'] });
  expect(compareBehaviour([]).counts.same).toBe(0);
});
