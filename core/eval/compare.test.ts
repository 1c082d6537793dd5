import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Cell, ExampleId, RunId, TraceId } from '../records/index.ts';
import { compareRuns } from './compare.ts';
import { failed, scored } from './scorer-kind.ts';

type Given = { score?: number | null; error?: string; ms?: number; cost?: bigint | null; repetition?: number };

function cell(run: 'a' | 'b', example: number, given: Given): Cell {
  const { score = null, error = null, ms = 100, cost = 1_000_000n, repetition = 0 } = given;
  return {
    runId: `run_${run}` as RunId,
    exampleId: `ex_${String(example).padStart(4, '0')}` as ExampleId,
    repetition,
    output: error === null ? 'text' : null,
    error,
    scores: error !== null ? {} : { exact: score === null ? failed('no expected value') : scored(score) },
    latencyNs: BigInt(ms * 1e6),
    costNanoUsd: cost,
    traceId: 't' as TraceId,
    judgeNanoUsd: 0n,
    cached: false,
    answerKey: '',
  };
}

const cells = (run: 'a' | 'b', count: number, given: (i: number) => Given) =>
  Array.from({ length: count }, (_, i) => cell(run, i, given(i)));

function compare(a: Cell[], b: Cell[], measure: 'exact' | 'latency' | 'cost' = 'exact') {
  const result = compareRuns(a, b, { scorers: ['exact'], runId: 'run_b' as RunId }).find(
    (one) => one.measure === measure,
  );
  if (!result) throw new Error('no such measure');
  return result;
}

describe('a verdict', () => {
  test('says that B is better, by how much, and on how many examples', () => {
    const a = cells('a', 40, (i) => ({ score: i < 30 ? 1 : 0 }));
    const b = cells('b', 40, (i) => ({ score: i < 38 ? 1 : 0 }));
    expect(compare(a, b)).toMatchObject({
      verdict: 'better',
      meanA: 0.75,
      meanB: 0.95,
      wins: 8,
      losses: 0,
      ties: 32,
      pairs: 40,
      method: 'adjusted Wald interval',
      sentence: 'B is better: +20.0 pp [+5.5, +32.6] on 40 examples.',
    });
    expect(compare(b, a)).toMatchObject({
      verdict: 'worse',
      sentence: 'B is worse: −20.0 pp [−32.6, −5.5] on 40 examples.',
    });
  });

  test('says how many examples would settle an unclear difference', () => {
    const a = cells('a', 400, (i) => ({ score: i < 41 ? 0 : 1 }));
    const b = cells('b', 400, (i) => ({ score: i >= 41 && i < 67 ? 0 : 1 }));
    expect(compare(a, b)).toMatchObject({
      verdict: 'no_clear_difference',
      sentence: 'No clear difference: +3.8 pp [−0.3, +7.8] on 400 examples; about 930 examples would settle +3.8 pp.',
    });
  });

  test('asks about two percentage points when the difference is smaller than that', () => {
    const a = cells('a', 400, (i) => ({ score: i < 30 ? 0 : 1 }));
    const b = cells('b', 400, (i) => ({ score: i >= 30 && i < 58 ? 0 : 1 }));
    expect(compare(a, b).sentence).toMatch(
      /^No clear difference: \+0\.5 pp .*; about 2,900 examples would settle 2\.0 pp\.$/,
    );
  });

  test('says so when the examples were enough to see one', () => {
    const wave = (i: number, by: number) => ({ score: 0.5 + 0.05 * Math.sin(i * by) });
    expect(
      compare(
        cells('a', 300, (i) => wave(i, 1.7)),
        cells('b', 300, (i) => wave(i, 2.3)),
      ).sentence,
    ).toMatch(/^No clear difference: .* on 300 examples, enough to have seen 2\.0 pp\.$/);
  });

  test('does not build on four differing examples', () => {
    const a = cells('a', 40, (i) => ({ score: i < 4 ? 0 : 1 }));
    const b = cells('b', 40, () => ({ score: 1 }));
    expect(compare(a, b)).toMatchObject({
      verdict: 'no_clear_difference',
      sentence: 'No clear difference: +10.0 pp [−1.5, +20.6] on 40 examples; about 75 examples would settle +10.0 pp.',
    });
  });

  test('is not enough data below six examples, nothing included', () => {
    expect(compare([], [])).toMatchObject({
      verdict: 'not_enough_data',
      pairs: 0,
      difference: null,
      low: null,
      high: null,
    });
    expect(
      compare(
        cells('a', 1, () => ({ score: 0 })),
        cells('b', 1, () => ({ score: 1 })),
      ),
    ).toMatchObject({
      verdict: 'not_enough_data',
      difference: 1,
      low: null,
      sentence: 'Not enough data: 1 example with a score on both sides; at least 6 are needed.',
    });
  });

  test('says that nothing differs when nothing does', () => {
    const same = (run: 'a' | 'b') => cells(run, 12, () => ({ score: 1, cost: 0n }));
    expect(compare(same('a'), same('b')).sentence).toBe('No difference: the same score on all 12 examples.');
    expect(compare(same('a'), same('b'), 'cost')).toMatchObject({
      verdict: 'no_clear_difference',
      low: 0,
      high: 0,
      sentence: 'No difference: the same cost on all 12 examples.',
    });
  });

  test('calls less better for latency and cost', () => {
    const a = cells('a', 40, (i) => ({ ms: 800 + 7 * (i % 11), cost: 2_400_000n + BigInt(i * 1000) }));
    const b = cells('b', 40, (i) => ({ ms: 500 + 5 * (i % 7), cost: 1_600_000n + BigInt(i * 500) }));
    expect(compare(a, b, 'latency')).toMatchObject({ verdict: 'better', wins: 0, losses: 40 });
    expect(compare(a, b, 'latency').sentence).toMatch(/^B is faster: −3\d\d ms \[−3\d\d, −3\d\d\] on 40 examples\.$/);
    expect(compare(b, a, 'latency').sentence).toMatch(/^B is slower: \+3\d\d ms/);
    expect(compare(a, b, 'cost').sentence).toMatch(/^B is cheaper: −\$0\.0008\d* \[−\$0\.0008\d*, −\$0\.000[78]\d*\]/);
    expect(compare(b, a, 'cost')).toMatchObject({ verdict: 'worse' });
  });
});

describe('what failed', () => {
  test('is counted on its side and makes no pair, never a zero', () => {
    const a = cells('a', 20, (i) => (i < 2 ? { error: 'timeout' } : { score: 1 }));
    const b = cells('b', 20, (i) => (i >= 15 ? { score: null } : { score: 1 }));
    expect(compare(a, b)).toMatchObject({
      pairs: 13,
      failuresA: 2,
      failuresB: 5,
      meanA: 1,
      meanB: 1,
      sentence: 'No difference: the same score on all 13 examples. No score for 2 examples on A and 5 examples on B.',
    });
    expect(compare(a, b, 'latency')).toMatchObject({ failuresA: 2, failuresB: 0, pairs: 18 });
  });

  test('an unknown cost is no cost of zero', () => {
    const a = cells('a', 10, () => ({ cost: null }));
    const b = cells('b', 10, () => ({ cost: 5n }));
    expect(compare(a, b, 'cost')).toMatchObject({
      verdict: 'not_enough_data',
      meanA: null,
      failuresA: 10,
      failuresB: 0,
      sentence:
        'Not enough data: 0 examples with a known cost on both sides; at least 35 are needed. No known cost for 10 examples on A.',
    });
  });

  test('an example that one side lacks is a failure of that side', () => {
    expect(
      compare(
        cells('a', 8, () => ({ score: 1 })),
        cells('b', 6, () => ({ score: 1 })),
      ),
    ).toMatchObject({
      pairs: 6,
      failuresA: 0,
      failuresB: 2,
    });
  });
});

describe('what a verdict hangs on', () => {
  test('names the examples that move the difference most, and how few of them make the verdict', () => {
    const a = cells('a', 50, (i) => ({ score: i < 6 ? 0 : 0.8 }));
    const b = cells('b', 50, (i) => ({ score: i === 3 ? 1 : 0.8 }));
    const result = compare(a, b);
    expect(result.deciding.slice(0, 2)).toEqual([
      { exampleId: 'ex_0003', influence: expect.closeTo((1 - 0.1) / 49, 2) },
      { exampleId: 'ex_0000', influence: expect.closeTo(0.7 / 49, 3) },
    ]);
    expect(result.deciding).toHaveLength(5);
    expect(result).toMatchObject({ verdict: 'better', toOverturn: 2 });
    expect(result.sentence).toMatch(/ on 50 examples\. It would not stand without 2 of them\.$/);
  });

  test('says nothing of it where many make it, or where there is none', () => {
    const a = cells('a', 40, () => ({ score: 0.2 }));
    const b = cells('b', 40, (i) => ({ score: 0.5 + 0.01 * (i % 7) }));
    expect(compare(a, b).sentence).toMatch(/on 40 examples\.$/);
    expect(compare(a, a)).toMatchObject({ toOverturn: null, deciding: [] });
  });

  test('a slow answer on few examples is called so without an interval', () => {
    const a = cells('a', 12, () => ({ ms: 100 }));
    const b = cells('b', 12, (i) => ({ ms: 150 + i }));
    expect(compare(a, b, 'latency')).toMatchObject({
      ...{ verdict: 'worse', low: null, high: null, method: 'permutation test' },
      sentence: 'B is slower: +55.5 ms on 12 examples (p < 0.001); an interval takes 35.',
    });
  });
});

test('says when repetitions would help more than examples', () => {
  const flip = (run: 'a' | 'b', by: number) =>
    Array.from({ length: 30 }, (_, i) =>
      [0, 1].map((repetition) => cell(run, i, { score: ((i * 7 + by) >> (2 * repetition)) & 1, repetition })),
    ).flat();
  const result = compare(flip('a', 0), flip('b', 3));
  expect(result.noiseShare).toBeGreaterThan(0.5);
  expect(result.sentence).toMatch(/Most of the uncertainty is answers that vary: more repetitions would help\.$/);
  expect(
    compare(
      cells('a', 9, () => ({ score: 0 })),
      cells('b', 9, () => ({ score: 1 })),
    ).noiseShare,
  ).toBeNull();
});

test('repetitions are averaged within their example, which stays one pair; a failed one is left out', () => {
  const repeated = (run: 'a' | 'b', scores: (number | null)[]) =>
    Array.from({ length: 8 }, (_, i) =>
      scores.map((score, repetition) =>
        cell(run, i, score === null ? { error: 'x', repetition } : { score, repetition }),
      ),
    ).flat();
  expect(compare(repeated('a', [1, 0, null]), repeated('b', [1, 1, 1]))).toMatchObject({
    pairs: 8,
    meanA: 0.5,
    meanB: 1,
    difference: 0.5,
    failuresA: 0,
    wins: 8,
  });
});

test('the same cells in another order give the same results', () => {
  const scores = fc.array(fc.tuple(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 10 })), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(scores, (rows) => {
      const a = rows.flatMap(([x, y], i) => [
        cell('a', i, { score: x / 10 }),
        cell('a', i, { score: y / 10, repetition: 1 }),
      ]);
      const b = rows.flatMap(([x, y], i) => [
        cell('b', i, { score: y / 10 }),
        cell('b', i, { score: (x * y) / 100, repetition: 1 }),
      ]);
      expect(compareRuns(a.toReversed(), b.toReversed(), { scorers: ['exact'], runId: 'run_b' as RunId })).toEqual(
        compareRuns(a, b, { scorers: ['exact'], runId: 'run_b' as RunId }),
      );
    }),
    { numRuns: 50 },
  );
});

test('of several scorers too, a difference is called when its interval leaves zero out, and not otherwise', () => {
  const graded = fc.integer({ min: 0, max: 10 }).map((tenths) => tenths / 10);
  const row = fc.record({ first: fc.tuple(graded, graded), second: fc.tuple(graded, graded) });
  const lift = fc.constantFrom(0, 0.1, 0.2, 0.3);
  const both = (run: 'a' | 'b', i: number, first: number, second: number): Cell => ({
    ...cell(run, i, {}),
    scores: { first: scored(first), second: scored(second) },
  });
  fc.assert(
    fc.property(fc.array(row, { minLength: 8, maxLength: 60 }), lift, (rows, more) => {
      const a = rows.map(({ first, second }, i) => both('a', i, first[0], second[0]));
      const b = rows.map(({ first, second }, i) =>
        both('b', i, Math.min(1, first[1] + more), Math.min(1, second[1] + more)),
      );
      const found = compareRuns(a, b, { scorers: ['first', 'second'], runId: 'run_b' as RunId }).slice(0, 2);
      for (const { verdict, low, high, confidence } of found) {
        expect(confidence).toBe(0.975);
        const isCalled = low !== null && high !== null && (low > 0 || high < 0);
        expect({ low, high, isCalled: verdict === 'better' || verdict === 'worse' }).toEqual({ low, high, isCalled });
      }
    }),
    { numRuns: 300 },
  );
});
