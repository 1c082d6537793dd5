import { parseFilter } from '@wheelhouse/core/query';
import type { MonitorBody, SeriesBody } from '@wheelhouse/sdk';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  inLines,
  linesText,
  mostLines,
  ofLines,
  readLines,
  shownLines,
  toggledLine,
  withNarrower,
} from './monitor-lines.ts';

type Group = MonitorBody['groups'][number];
const groups = ['late', null, 'big', 'small', 'tiny'].map((name) => ({ name }) as Group);
const total = {
  ...{ count: 0, errors: 0, inputTokens: 0, outputTokens: 0, costNanoUsd: null, unpriced: 0 },
  ...{ latency: null, firstToken: null, score: null },
};
const one = (value: string | null, counts: Record<string, number>, rest = false) => ({
  ...{ value, rest, total: { ...total, count: Object.values(counts).reduce((a, b) => a + b, 0) } },
  buckets: Object.entries(counts).map(([startNs, count]) => ({ ...total, startNs, count })),
});
const series = (...all: SeriesBody['groups']): SeriesBody => ({
  ...{ of: 'traces', step: 60, fromNs: '0', untilNs: '3', before: null, groups: all },
});

it('draws the groups that come first, and then those that are chosen', () => {
  expect(shownLines(groups, undefined)).toEqual(['late', '', 'big', 'small']);
  expect(shownLines(groups, ['tiny'])).toEqual(['tiny']);
  expect(shownLines(groups, [])).toEqual([]);
  expect(toggledLine(['late', ''], 'late')).toEqual(['']);
  expect(toggledLine(['late'], 'tiny')).toEqual(['late', 'tiny']);
  const names = fc.uniqueArray(fc.string(), { maxLength: 20 });
  fc.assert(
    fc.property(names, fc.string(), (shown, line) => {
      const toggled = toggledLine(shown, line);
      expect(toggled.includes(line)).toBe(!shown.includes(line) && shown.length < mostLines);
      expect(toggled.length).toBeLessThanOrEqual(Math.max(mostLines, shown.length));
    }),
  );
});

it('keeps what was chosen in an address', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (shown) => {
      expect(readLines(linesText(shown))).toEqual(shown);
    }),
  );
  for (const text of [undefined, '', 'a', '{}', '[1]']) expect(readLines(text)).toBeUndefined();
});

it('asks for the traces of these groups, also of the one without a value', () => {
  const q = ofLines('model', ['a "b"', '', 'gpt*']);
  expect(parseFilter(q)).toMatchObject({
    ...{ ok: true, filter: { type: 'is', field: 'model', patterns: [['a "b"'], [''], ['gpt*']] } },
  });
});

it('has a series for each line, in their order, and of no other group', () => {
  const all = series(one('big', { 1: 4 }), one('', { 2: 1 }), one('other', { 1: 9 }), one(null, { 1: 9 }, true));
  const drawn = inLines(all, ['', 'late', 'big']);
  expect(drawn.groups.map(({ value, total: { count } }) => [value, count])).toEqual([
    ['none', 1],
    ['late', 0],
    ['big', 4],
  ]);
});

it('reads a share of each group by itself', () => {
  const drawn = withNarrower(series(one('a', { 1: 4, 2: 2 }), one('b', { 1: 8 })), series(one('b', { 1: 2 })));
  expect(drawn.groups.map(({ buckets }) => buckets.map(({ errors }) => errors))).toEqual([[0, 0], [2]]);
  expect(drawn.groups.map((group) => group.total.errors)).toEqual([0, 2]);
});
