import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ExampleId, Gate, RunId } from '../records/index.ts';
import { checkGate, decideGate, gateText, parseGate } from './gate.ts';
import { type Column, measureNamesOf } from './measures.ts';

const bleu = 'bleu {"tokenize":"char"}';
const measures = measureNamesOf(['exact', bleu, 'exactly']);
const run = 'run_b' as RunId;

describe('a gate is read as people write it', () => {
  test.each<[string, Partial<Gate>, string]>([
    ['exact >= baseline - 5pp', { than: 'baseline', direction: 'at_least', limit: -0.05 }, 'exact ≥ baseline − 5 pp'],
    ['exact>baseline', { than: 'baseline', direction: 'above', limit: 0 }, 'exact > baseline'],
    ['exact ≥ baseline − 0.02', { than: 'baseline', limit: -0.02 }, 'exact ≥ baseline − 2 pp'],
    ['exact mean >= 80%', { than: 'limit', limit: 0.8 }, 'exact ≥ 80 %'],
    [
      'latency p95 <= 2.5s',
      { measure: 'latency', statistic: 'p95', direction: 'at_most', limit: 2.5 },
      'latency p95 ≤ 2.5 s',
    ],
    ['latency < 350ms', { measure: 'latency', direction: 'below', limit: 0.35 }, 'latency < 0.35 s'],
    [
      'latency <= baseline + 100 ms',
      { measure: 'latency', than: 'baseline', limit: 0.1 },
      'latency ≤ baseline + 0.1 s',
    ],
    ['cost mean <= $0.01', { measure: 'cost', limit: 0.01 }, 'cost ≤ $0.0100'],
    ['errors <= 1% (risk 10%)', { measure: 'errors', limit: 0.01, risk: 0.1 }, 'errors ≤ 1 % (risk 10 %)'],
    ['bleu >= 0.4', { measure: bleu, limit: 0.4 }, `${bleu} ≥ 40 %`],
    [`${bleu} p50 >= .4`, { measure: bleu, statistic: 'p50', limit: 0.4 }, `${bleu} p50 ≥ 40 %`],
  ])('%s', (text, gate, written) => {
    const read = parseGate(text, measures);
    expect(read).toMatchObject({ measure: 'exact', statistic: 'mean', risk: 0.05, ...gate });
    expect(gateText(read)).toBe(written);
    expect(parseGate(written, measures)).toEqual(read);
  });

  test.each([
    ['', 'not a measure'],
    ['exact', 'not a measure'],
    ['rouge >= 0.4', 'nothing here measures `rouge`'],
    ['exact >= 2s', 'no number with a unit of score'],
    ['latency <= 5%', 'no number with a unit of latency (s, ms)'],
    ['exact >= baseline * 2', 'cannot be read'],
    ['latency p95 <= baseline', 'only means are compared'],
    ['exact >= 0.4 (risk 60%)', 'at most 50 %'],
    ['exact >= 0.4 (risk 0%)', 'above 0 %'],
  ])('%s is refused, with the reason', (text, reason) => {
    expect(() => parseGate(text, measures)).toThrow(
      expect.objectContaining({ code: 'invalid_request', param: 'gates' }),
    );
    expect(() => parseGate(text, measures)).toThrow(reason);
  });

  test('what is written of any gate is read as that gate', () => {
    const gate = fc.record({
      measure: fc.constantFrom(...measures),
      statistic: fc.constantFrom('mean' as const, 'p50' as const, 'p99' as const),
      than: fc.constant('limit' as const),
      direction: fc.constantFrom('at_least' as const, 'above' as const, 'at_most' as const, 'below' as const),
      limit: fc.integer({ min: 0, max: 1000 }).map((n) => n / 1000),
      risk: fc.constantFrom(0.01, 0.05, 0.1, 0.25),
    });
    fc.assert(
      fc.property(gate, (given) => {
        const read = parseGate(gateText(given).replace(/\$(\d)/, '$$$1'), measures);
        expect({ ...read, limit: 0 }).toEqual({ ...given, limit: 0 });
        expect(read.limit).toBeCloseTo(given.limit, 3);
      }),
    );
  });

  test('one that names no measure is refused as an object, too', () => {
    const gate = parseGate('exact >= 0.4', measures);
    expect(checkGate(gate, measures)).toBe(gate);
    expect(() => checkGate({ ...gate, measure: 'rouge' }, measures)).toThrow('nothing here measures `rouge`');
  });
});

const column = (...values: number[][]): Column => ({
  exampleIds: values.map((_, i) => `ex_${String(i).padStart(4, '0')}` as ExampleId),
  ...{ values, labels: {}, missing: 0 },
});
const rows = (count: number, value: (i: number) => number) =>
  column(...Array.from({ length: count }, (_, i) => [value(i)]));
const decide = (text: string, b: Column, a: Column | null = null) =>
  decideGate(parseGate(text, measures), run, { a, b });

describe('a gate is decided by the interval, not by the point', () => {
  const half = rows(200, (i) => i % 2);

  test('a mean against a limit', () => {
    expect(decide('exact >= 40%', half)).toMatchObject({ state: 'held', value: 0.5, runId: run });
    expect(decide('exact >= 49%', half)?.state).toBe('inconclusive');
    expect(decide('exact >= 60%', half)?.state).toBe('failed');
    expect(decide('exact <= 60%', half)?.state).toBe('held');
    expect(decide('exact <= 40%', half)?.state).toBe('failed');
    const found = decide('exact >= 40%', half);
    expect(found?.sentence).toBe('Held: 50 % [44.2 %, 55.8 %] on 200 examples, each end at 95 %.');
  });

  test('a mean against the baseline, with a margin', () => {
    const better = rows(200, (i) => (i % 10 === 0 ? 1 : i % 2));
    expect(decide('exact > baseline', better, half)).toMatchObject({ state: 'held', value: expect.closeTo(0.1) });
    expect(decide('exact >= baseline - 5pp', half, better)?.state).toBe('failed');
    expect(decide('exact >= baseline - 5pp', half, half)?.state).toBe('held');
    expect(decide('exact >= baseline', half, half)?.state).toBe('inconclusive');
    expect(decide('exact > baseline', half, half)?.state).not.toBe('held');
    expect(decide('exact >= baseline', half, null)).toBeNull();
  });

  test('a quantile, by the values seen alone', () => {
    const latency = rows(400, (i) => (i + 1) / 100);
    expect(decide('latency p95 <= 4s', latency)?.state).toBe('held');
    expect(decide('latency p95 <= 3.8s', latency)?.state).toBe('inconclusive');
    expect(decide('latency p95 <= 3.5s', latency)?.state).toBe('failed');
    const few = decide(
      'latency p95 <= 9s',
      rows(20, (i) => i / 10),
    );
    expect(few).toMatchObject({ state: 'inconclusive', high: null });
    expect(few?.sentence).toContain('unknown');
  });

  test('too little says nothing, and nothing is no zero', () => {
    expect(
      decide(
        'exact >= 10%',
        rows(5, () => 1),
      ),
    ).toMatchObject({ state: 'inconclusive', low: null });
    expect(decide('exact >= 0%', column())).toMatchObject({ state: 'inconclusive', value: null });
    expect(
      decide(
        'errors <= 1%',
        rows(50, () => 0),
      )?.state,
    ).toBe('inconclusive');
    expect(
      decide(
        'errors <= 1%',
        rows(400, () => 0),
      )?.state,
    ).toBe('held');
  });

  test('a higher risk decides sooner', () => {
    const most = rows(60, (i) => (i % 12 === 0 ? 0 : 1));
    expect(decide('exact >= 86% (risk 1%)', most)?.state).toBe('inconclusive');
    expect(decide('exact >= 86% (risk 20%)', most)?.state).toBe('held');
  });
});
