import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundLevels, type Measures, type PanelMeasure } from '../../records/index.ts';
import { differenceBounds, proportionDifference, quantileBounds, wilsonInterval } from '../../stats/index.ts';
import { panelPoints } from './panel-points.ts';
import { isTotal, needsSpread, type PanelValue, panelChange, panelValue } from './panel-value.ts';
import { changeText, intervalText, panelText } from './panel-words.ts';

const nothing: Measures = {
  ...{ count: 0, errors: 0, inputTokens: 0, outputTokens: 0, costNanoUsd: null, unpriced: 0 },
  ...{ latency: null, firstToken: null, score: null },
};
const spread: NonNullable<Measures['spread']> = {
  ...{ latency: null, firstToken: null, inputTokens: null, outputTokens: null, cost: null, score: null, users: 0 },
  ...{ latencyAt: null, firstTokenAt: null },
};
const all: PanelMeasure[] = [
  ...(['traces', 'cost', 'tokens', 'users', 'error_rate', 'input_tokens', 'output_tokens', 'trace_cost'] as const).map(
    (kind) => ({ kind }),
  ),
  { kind: 'share', q: 'tag:a' },
  ...(['p50', 'p90', 'p99', 'mean'] as const).map((quantile) => ({ kind: 'latency' as const, quantile })),
  { kind: 'first_token', quantile: 'p50' },
  { kind: 'score', name: 'good' },
];

/** Different numbers that look random, the same each time. */
function drawer(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return (state + 0.5) / 2 ** 32;
  };
}

describe('what a panel measures', () => {
  it('is nothing of nothing, and 0 where it counts', () => {
    for (const measure of all) {
      const of = { ...nothing, spread, counted: 0 };
      expect(panelValue(measure, of)).toEqual({ value: isTotal(measure) ? 0 : null, low: null, high: null, n: 0 });
    }
  });

  it('has the units of its kind', () => {
    const of: Measures = {
      ...{
        count: 4,
        errors: 1,
        inputTokens: 30,
        outputTokens: 12,
        costNanoUsd: 5_000_000_000n,
        unpriced: 1,
        counted: 3,
      },
      ...{ latency: { p50: 2_000_000_000n, p90: 3_000_000_000n, p99: 4_000_000_000n }, firstToken: null },
      score: { mean: 0.5, count: 2 },
      spread: {
        ...{ ...spread, users: 2, latency: { mean: 2.5e9, sd: 1e9, count: 4 }, cost: { mean: 2.5e9, sd: 0, count: 2 } },
        ...{ score: { mean: 0.5, sd: 0.1, count: 2 }, inputTokens: { mean: 7.5, sd: 1, count: 4 } },
      },
    };
    const amountOf = (measure: PanelMeasure) => panelValue(measure, of).value;
    expect(amountOf({ kind: 'traces' })).toBe(4);
    expect(amountOf({ kind: 'cost' })).toBe(5);
    expect(amountOf({ kind: 'tokens' })).toBe(42);
    expect(amountOf({ kind: 'users' })).toBe(2);
    expect(amountOf({ kind: 'error_rate' })).toBe(0.25);
    expect(amountOf({ kind: 'share', q: 'x' })).toBe(0.75);
    expect(amountOf({ kind: 'latency', quantile: 'p90' })).toBe(3000);
    expect(amountOf({ kind: 'latency', quantile: 'mean' })).toBe(2500);
    expect(amountOf({ kind: 'first_token', quantile: 'p90' })).toBeNull();
    expect(amountOf({ kind: 'trace_cost' })).toBe(2.5);
    expect(amountOf({ kind: 'input_tokens' })).toBe(7.5);
    expect(panelValue({ kind: 'score', name: 'good' }, of)).toMatchObject({ value: 0.5, n: 2 });
    // t(0.975, 3) of 1e9 ns over two roots of four.
    expect(panelValue({ kind: 'latency', quantile: 'mean' }, of).high).toBeCloseTo(2500 + (3.18245 * 1000) / 2, 2);
    expect(panelValue({ kind: 'error_rate' }, of)).toMatchObject(wilsonInterval({ count: 1, of: 4 }, 0.95));
  });

  it('of a score that is yes or no is a share, which ends at 1', () => {
    const ofScore = (values: number[]) => {
      const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
      const sd = Math.sqrt(values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (values.length - 1));
      const score = { mean, sd, count: values.length };
      return panelValue({ kind: 'score', name: 'good' }, { ...nothing, spread: { ...spread, score } });
    };
    const truths = fc.array(fc.constantFrom(0, 1), { minLength: 2, maxLength: 500 });
    fc.assert(
      fc.property(truths, (values) => {
        const count = values.filter((one) => one === 1).length;
        expect(ofScore(values)).toMatchObject(wilsonInterval({ count, of: values.length }, 0.95));
      }),
    );
    expect(ofScore([...Array(18).fill(1), 0]).high).toBeLessThan(1);
    // What lies between is no yes or no: Student’s.
    expect(ofScore([1, 1, 1, 0.5])).toMatchObject({ value: 0.875, high: expect.closeTo(1.273, 3) });
  });

  it('lies between its bounds, which are never those of a total', () => {
    const moments = fc.record({
      mean: fc.double({ min: 0, max: 1e12, noNaN: true }),
      sd: fc.option(fc.double({ min: 0, max: 1e12, noNaN: true })),
      count: fc.integer({ min: 2, max: 10_000 }),
    });
    fc.assert(
      fc.property(moments, fc.nat(1000), fc.nat(1000), (some, a, b) => {
        const count = Math.max(1, a, b);
        const counts = { count, errors: Math.min(a, b), counted: Math.min(a, b) };
        const of = { ...nothing, ...counts, spread: { ...spread, latency: some, cost: some, score: some } };
        for (const measure of all) {
          const { value, low, high, n } = panelValue(measure, of);
          expect(n).toBeGreaterThanOrEqual(0);
          if (isTotal(measure)) expect([low, high]).toEqual([null, null]);
          if (value === null || low === null || high === null) continue;
          expect(low).toBeLessThanOrEqual(value);
          expect(high).toBeGreaterThanOrEqual(value);
        }
      }),
    );
  });

  it('says of which measures traces have to be read one by one', () => {
    expect(all.filter((measure) => !needsSpread(measure)).map(({ kind }) => kind)).toEqual([
      ...['traces', 'cost', 'tokens', 'error_rate', 'share'],
    ]);
  });

  it('has a point for every step, each of its own bucket', () => {
    const second = 1_000_000_000n;
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(29), { maxLength: 30 }),
        fc.constantFrom(60, 3600),
        fc.nat(1_000_000),
        (filled, step, from) => {
          const stepNs = BigInt(step) * second;
          const fromNs = BigInt(from) * stepNs;
          const span = { step, fromNs, untilNs: fromNs + 30n * stepNs };
          const buckets = filled.map((at) => ({ ...nothing, count: at + 1, startNs: fromNs + BigInt(at) * stepNs }));
          const points = panelPoints({ kind: 'traces' }, span, buckets);
          expect(points.map(({ value }) => value)).toEqual(
            Array.from({ length: 30 }, (_, at) => (filled.includes(at) ? at + 1 : 0)),
          );
          const rates = panelPoints({ kind: 'error_rate' }, span, buckets);
          expect(rates.filter(({ value }) => value === null)).toHaveLength(30 - filled.length);
        },
      ),
    );
  });
});

describe('bounds of a quantile', () => {
  const confidence = 0.95;
  it('hold the truth as often as they say, of few values and of many, however they are spread', () => {
    const draw = drawer(7);
    const misses: Record<string, number> = {};
    const tries = 400;
    for (const n of [25, 120, 900])
      for (const quantile of [0.5, 0.9, 0.99])
        for (let i = 0; i < tries; i++) {
          const sorted = Array.from({ length: n }, () => -Math.log(draw())).sort((a, b) => a - b);
          const levels = boundLevels.map((level) => sorted[Math.min(n - 1, Math.floor(level * n))] as number);
          const truth = -Math.log(1 - quantile);
          const { low, high } = quantileBounds(levels, { quantile, count: n, confidence });
          if ((low !== null && low > truth) || (high !== null && high < truth)) {
            const name = `${quantile} of ${n}`;
            misses[name] = (misses[name] ?? 0) + 1;
          }
        }
    // Above 5 % by three standard errors of so many tries at most.
    for (const [name, missed] of Object.entries(misses)) expect(missed / tries, name).toBeLessThan(0.083);
  });

  it('are none where so few cannot bound it', () => {
    const levels = boundLevels.map((level) => level);
    expect(quantileBounds(levels, { quantile: 0.99, count: 100, confidence }).high).toBeNull();
    expect(quantileBounds(levels, { quantile: 0.5, count: 4, confidence })).toEqual({ low: null, high: null });
    const many = quantileBounds(levels, { quantile: 0.9, count: 10_000, confidence });
    expect(many).toEqual({ low: 0.89, high: 0.91 });
  });
});

describe('a change', () => {
  const share = (count: number, of: number) =>
    panelValue({ kind: 'error_rate' }, { ...nothing, count: of, errors: count });

  it('of two shares has the interval of their difference', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), (a, b) => {
        const found = panelChange({ kind: 'error_rate' }, share(a, 50), share(b, 50));
        const known = proportionDifference({ count: a, of: 50 }, { count: b, of: 50 }, 0.95);
        expect(found?.low).toBeCloseTo(known.low, 12);
        expect(found?.high).toBeCloseTo(known.high, 12);
      }),
    );
  });

  it('changes its sign with the order of what is compared', () => {
    const end = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(end, end, end, end, (a, b, low, high) => {
        const [one, other] = [
          { value: a, low: a - low, high: a + high },
          { value: b, low: b - high, high: b + low },
        ];
        const [there, back] = [differenceBounds(one, other), differenceBounds(other, one)];
        expect(there.low).toBeCloseTo(-back.high, 9);
        expect(there.low).toBeLessThanOrEqual(there.high);
      }),
    );
  });

  it('is none of too few, and has no interval where nothing has one', () => {
    expect(panelChange({ kind: 'error_rate' }, share(1, 19), share(1, 50))).toBeNull();
    const value = (n: number): PanelValue => ({ value: n, low: null, high: null, n });
    expect(panelChange({ kind: 'traces' }, value(30), value(20))).toEqual({ difference: 10, low: null, high: null });
    expect(panelChange({ kind: 'latency', quantile: 'p99' }, value(199), value(500))).toBeNull();
  });

  it('is said in the unit of what is measured, and as none where it is not clear', () => {
    const group = (now: [number, number], was: [number, number]) => {
      const [a, before] = [share(...now), share(...was)];
      return { before, change: panelChange({ kind: 'error_rate' }, a, before) };
    };
    const rate = { kind: 'error_rate' } as const;
    expect(changeText(rate, group([30, 100], [10, 100]))).toMatchObject({ text: '+20 pp', tone: 'bad' });
    expect(changeText(rate, group([10, 100], [30, 100]))).toMatchObject({ text: '−20 pp', tone: 'good' });
    expect(changeText(rate, group([11, 100], [10, 100]))?.text).toBe('no clear difference');
    const counts = {
      before: { value: 40, low: null, high: null, n: 40 },
      change: { difference: 10, low: null, high: null },
    };
    expect(changeText({ kind: 'traces' }, counts)).toMatchObject({ text: '+25 %', tone: 'none', note: 'before 40' });
    expect(panelText(rate, 0.0512)).toBe('5.12 %');
    expect(intervalText(rate, { value: 0.1, low: -0.1, high: 0.2 })).toBe('0 % … 20 %');
    expect(intervalText({ kind: 'traces' }, { value: 3, low: null, high: null })).toBeNull();
  });
});
