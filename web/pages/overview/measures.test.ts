import type { SeriesBody } from '@wheelhouse/sdk';
import { describe, expect, it } from 'vitest';
import { linesOf, type Measures, measures, measuresBefore } from './measures.ts';

const second = 1_000_000_000n;
const measured = (more: Partial<Measures> = {}): Measures => ({
  ...{ count: 4, errors: 1, inputTokens: 10, outputTokens: 5, costNanoUsd: null, unpriced: 0 },
  ...{ latency: { p50: '1000000000', p90: '2000000000', p99: '3000000000' }, firstToken: null, score: null },
  ...more,
});
const bucket = (at: number, more: Partial<Measures> = {}) => ({
  ...measured(more),
  startNs: String(600n * second + BigInt(at) * 60n * second),
});
const series = (groups: SeriesBody['groups']): SeriesBody => ({
  ...{ of: 'traces', step: 60, fromNs: String(600n * second), untilNs: String(900n * second), groups },
  before: null,
});
const measure = (id: string) => {
  const found = measures.find((one) => one.id === id);
  if (!found) throw new Error(id);
  return found;
};

describe('the lines of a chart', () => {
  const all = series([{ value: null, rest: false, total: measured(), buckets: [bucket(1), bucket(3, { count: 0 })] }]);

  it('have a value for each step of the time: gaps where nothing was measured, 0 where things are counted', () => {
    const [p50, p90] = linesOf(measure('latency'), all);
    expect(p50?.values).toEqual([null, 1, null, 1, null]);
    expect(p90?.values).toEqual([null, 2, null, 2, null]);
    expect(linesOf(measure('count'), all)[0]?.values).toEqual([0, 4, 0, 0, 0]);
    expect(linesOf(measure('errors'), all)[0]?.values).toEqual([null, 0.25, null, null, null]);
  });

  it('are one for each group when there are groups, named as the groups are', () => {
    const grouped = series([
      { value: 'gpt', rest: false, total: measured(), buckets: [bucket(0)] },
      { value: '', rest: false, total: measured(), buckets: [] },
      { value: null, rest: true, total: measured(), buckets: [bucket(4)] },
    ]);
    const lines = linesOf(measure('latency'), grouped);
    expect(lines.map((line) => line.name)).toEqual(['gpt', 'not said', 'all others']);
    expect(lines[0]?.values).toEqual([2, null, null, null, null]);
  });

  it('have the main one of the period before behind them, step by step, when that is wanted', () => {
    const before = {
      ...{ step: 60, fromNs: String(300n * second), untilNs: String(600n * second) },
      groups: [
        { value: null, rest: false, total: measured(), buckets: [{ ...measured(), startNs: String(360n * second) }] },
      ],
    };
    const [earlier, ...rest] = linesOf(measure('latency'), { ...all, before }, { withBefore: true });
    expect(earlier).toMatchObject({ name: 'p90 before', thin: true, values: [null, 2, null, null, null] });
    expect(rest).toEqual(linesOf(measure('latency'), all));
    expect(linesOf(measure('latency'), { ...all, before })).toHaveLength(3);
  });

  it('are held against the same group before; one that the others may hide is not known', () => {
    const of = (value: string) => ({ value, rest: false, total: measured({ count: 40 }), buckets: [] });
    const rest = { ...of(''), value: null, rest: true };
    const time = { step: 60, fromNs: '0', untilNs: '0' };
    const grouped = { ...series([of('a')]), before: { ...time, groups: [of('b')] } };
    expect(measuresBefore(grouped, of('b'))?.count).toBe(40);
    expect(measuresBefore(grouped, of('a'))?.count).toBe(0);
    expect(measuresBefore({ ...grouped, before: { ...time, groups: [of('b'), rest] } }, of('a'))).toBeNull();
    expect(measuresBefore(series([of('a')]), of('a'))).toBeNull();
  });

  it('say of a cost that is not known that it is not', () => {
    expect(measure('cost').figures[0]?.text(measured({ unpriced: 2 }))).toBe('? + 2 unpriced');
  });
});
