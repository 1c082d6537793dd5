import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareBehaviour } from './behaviour.ts';
import type { CalledTool } from './steps/read-tool-calls.ts';
import { alignCalls, compareTools } from './tool-behaviour.ts';

const find = (id: number): CalledTool => ({ name: 'find_order', arguments: { id } });
const refund = (id: number): CalledTool => ({ name: 'refund', arguments: { id } });

test('tells what changes about tools, input by input', () => {
  const { rows, counts, tools } = compareTools([
    { before: [[find(1)]], after: [[find(1)]] },
    { before: [[find(1)]], after: [[find(2)]] },
    { before: [[find(1), refund(1)]], after: [[refund(1), find(1)]] },
    { before: [[find(1)]], after: [[find(1), refund(1)]] },
    { before: [[]], after: [[]] },
    { before: [[find(1)], [find(2)]], after: [[find(3)], [find(2)]] },
  ]);
  expect(rows).toEqual(['same', 'arguments', 'order', 'tools', null, 'same']);
  expect(counts).toEqual({ same: 2, arguments: 1, order: 1, tools: 1 });
  expect(tools.map(({ name }) => name)).toEqual(['refund', 'find_order']);
  expect(tools[0]?.before).toBeCloseTo(1 / 7);
  expect(tools[0]?.after).toBeCloseTo(2 / 7);
});

test('puts calls beside each other by their names', () => {
  expect(alignCalls([find(1), refund(1)], [refund(2), find(3)])).toEqual([
    { name: 'find_order', before: { id: 1 }, after: null },
    { name: 'refund', before: { id: 1 }, after: { id: 2 } },
    { name: 'find_order', before: null, after: { id: 3 } },
  ]);
});

const calls = fc.array(fc.record({ name: fc.constantFrom('a', 'b', 'c'), arguments: fc.integer({ min: 0, max: 2 }) }), {
  maxLength: 6,
});

test('an alignment has every call of both once, in its order', () => {
  fc.assert(
    fc.property(calls, calls, (before, after) => {
      const aligned = alignCalls(before, after);
      const side = (of: 'before' | 'after') =>
        aligned.flatMap((one) => (one[of] === null ? [] : [{ name: one.name, arguments: one[of] }]));
      expect(side('before')).toEqual(before);
      expect(side('after')).toEqual(after);
    }),
  );
});

test('what calls the same is the same, and comparing the other way finds as much', () => {
  fc.assert(
    fc.property(calls, calls, (one, other) => {
      expect(compareTools([{ before: [one], after: [one] }]).rows[0]).toBe(one.length === 0 ? null : 'same');
      const [there, back] = [
        compareTools([{ before: [one], after: [other] }]),
        compareTools([{ before: [other], after: [one] }]),
      ];
      expect(there.rows).toEqual(back.rows);
    }),
  );
});

test('a failed answer has no calls to compare', () => {
  const base = { latencyNs: 1n, costNanoUsd: null };
  const { tools } = compareBehaviour([
    { before: [{ ...base, output: 'x', tools: [find(1)] }], after: [{ ...base, output: null, tools: [] }] },
  ]);
  expect(tools.rows).toEqual([null]);
});
