import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { correctedDifference, correctedScore, labelsNeeded } from './corrected-score.ts';
import { roganGladen } from './rogan-gladen.ts';

type Case = { judge: number[]; labels: number[]; estimate: number; low: number; high: number };
type Rate = { count: number; of: number };

const fixture = JSON.parse(
  readFileSync(new URL('../../../testing/fixtures/judges/judges.json', import.meta.url), 'utf8'),
) as {
  graded: (Case & { ppi: { low: number; high: number } })[];
  whole: Case[];
  strata: Case[];
  rates: { judged: Rate; passed: Rate; failed: Rate; estimate: number; low: number; high: number }[];
};

/** The first rows are labelled, all with the same probability. */
const rowsOf = ({ judge, labels }: Case) =>
  judge.map((score, i) => {
    const value = labels[i];
    return { judge: score, label: value === undefined ? null : { value, probability: labels.length / judge.length } };
  });

const clamp = (value: number) => Math.min(1, Math.max(0, value));

describe('corrected scores, the same as reference implementations to 1e-8', () => {
  test('graded labels: a line drawn anew without each label, and the variance of statsmodels', () => {
    for (const wanted of fixture.graded) {
      const { estimate, interval } = correctedScore(rowsOf(wanted));
      expect(estimate).toBeCloseTo(wanted.estimate, 8);
      expect(interval?.low).toBeCloseTo(clamp(wanted.low), 8);
      expect(interval?.high).toBeCloseTo(clamp(wanted.high), 8);
    }
  });

  test("graded labels: close to the authors' package, which takes the normal quantile and does not set a label aside", () => {
    for (const wanted of fixture.graded) {
      const { interval } = correctedScore(rowsOf(wanted));
      const width = wanted.ppi.high - wanted.ppi.low;
      expect(Math.abs((interval?.low ?? 9) - wanted.ppi.low)).toBeLessThan(0.1 * width);
      expect(Math.abs((interval?.high ?? 9) - wanted.ppi.high)).toBeLessThan(0.1 * width);
    }
  });

  test("labels and a judge of 0 and 1: the authors' estimate with its best λ, with Wilson's intervals", () => {
    for (const wanted of fixture.strata) {
      const { estimate, interval } = correctedScore(rowsOf(wanted));
      expect(estimate).toBeCloseTo(wanted.estimate, 8);
      expect(interval?.low).toBeCloseTo(wanted.low, 8);
      expect(interval?.high).toBeCloseTo(wanted.high, 8);
    }
  });

  test('differences of 0 and 1', () => {
    for (const wanted of fixture.whole) {
      const corrected = correctedDifference(
        rowsOf(wanted).map(({ judge, label }) => ({
          judgeA: judge < 0 ? 1 : 0,
          judgeB: judge > 0 ? 1 : 0,
          label: label && {
            value: { a: label.value < 0 ? 1 : 0, b: label.value > 0 ? 1 : 0 },
            probability: label.probability,
          },
        })),
      );
      expect(corrected.estimate).toBeCloseTo(wanted.estimate, 8);
      expect(corrected.interval?.low).toBeCloseTo(wanted.low, 8);
      expect(corrected.interval?.high).toBeCloseTo(wanted.high, 8);
    }
  });

  test('Rogan–Gladen with the interval of Lang and Reiczigel', () => {
    for (const { judged, passed, failed, ...wanted } of fixture.rates) {
      const { estimate, interval } = roganGladen(judged, { passed, failed });
      expect(estimate).toBeCloseTo(wanted.estimate, 8);
      expect(interval?.low).toBeCloseTo(wanted.low, 8);
      expect(interval?.high).toBeCloseTo(wanted.high, 8);
    }
  });
});

const score = fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000);

describe('laws of corrected scores', () => {
  test('when every row is labelled the estimate is the mean of the labels, whatever the judge says', () => {
    const rows = fc.array(fc.record({ judge: score, person: score }), { minLength: 30, maxLength: 80 });
    fc.assert(
      fc.property(rows, (all) => {
        const labelled = all.map(({ judge, person }) => ({ judge, label: { value: person, probability: 1 } }));
        const mean = all.reduce((sum, { person }) => sum + person, 0) / all.length;
        expect(correctedScore(labelled).estimate).toBeCloseTo(mean, 9);
      }),
    );
  });

  test('a judge that is lenient by the same amount everywhere changes nothing but the raw mean', () => {
    const rows = fc.array(fc.record({ judge: score, person: score }), { minLength: 60, maxLength: 100 });
    fc.assert(
      fc.property(rows, fc.constantFrom('graded', 'binary'), (all, kind) => {
        const under = (add: number) =>
          correctedScore(
            all.map(({ judge, person }, i) => ({
              judge: 0.7 * judge + add,
              label: i < 40 ? { value: kind === 'graded' ? person : Math.round(person), probability: 0.5 } : null,
            })),
          );
        const [fair, lenient] = [under(0), under(0.2)];
        expect(lenient.estimate).toBeCloseTo(fair.estimate ?? 9, 8);
        expect(lenient.interval?.low).toBeCloseTo(fair.interval?.low ?? 9, 8);
        expect((lenient.raw ?? 9) - (fair.raw ?? 9)).toBeCloseTo(0.2, 8);
      }),
    );
  });

  test('swapping A and B negates a corrected difference', () => {
    const pair = fc.record({ judgeA: score, judgeB: score, a: score, b: score });
    fc.assert(
      fc.property(fc.array(pair, { minLength: 50, maxLength: 70 }), (pairs) => {
        const under = (swap: boolean) =>
          correctedDifference(
            pairs.map(({ judgeA, judgeB, a, b }, i) => ({
              judgeA: swap ? judgeB : judgeA,
              judgeB: swap ? judgeA : judgeB,
              label: i < 35 ? { value: swap ? { a: b, b: a } : { a, b }, probability: 0.5 } : null,
            })),
          );
        const [one, other] = [under(false), under(true)];
        expect(other.estimate).toBeCloseTo(-(one.estimate ?? 9), 9);
        expect(other.interval?.low).toBeCloseTo(-(one.interval?.high ?? 9), 9);
      }),
    );
  });
});

describe('what is said of corrected scores', () => {
  const rows = (count: number, labels: number, isWrong: (i: number) => boolean) =>
    Array.from({ length: count }, (_, i) => {
      const person = i % 10 < 7 ? 1 : 0;
      const judge = isWrong(i) ? 1 - person : person;
      return { judge, label: i < labels ? { value: person, probability: labels / count } : null };
    });

  test('too few labels give no estimate', () => {
    expect(correctedScore(rows(200, 29, () => false))).toMatchObject({
      labels: 29,
      raw: 0.7,
      estimate: null,
      interval: null,
      method: 'none below 30 labels',
    });
    expect(correctedScore([])).toMatchObject({ rows: 0, raw: null, estimate: null });
  });

  test('a judge that was never seen to err in 40 labels is not taken for one that never does', () => {
    const { estimate, interval, worthLabels } = correctedScore(rows(1000, 40, () => false));
    expect(estimate).toBeCloseTo(0.7, 9);
    expect((interval?.high ?? 0) - (interval?.low ?? 0)).toBeGreaterThan(0.1);
    expect(worthLabels).toBeGreaterThan(80);
  });

  test('nor is one of grades that was never seen to err, nor labels that are all alike for certain', () => {
    const grades = Array.from({ length: 400 }, (_, i) => {
      const grade = (i % 5) / 4;
      return { judge: grade, label: i < 40 ? { value: grade, probability: 0.1 } : null };
    });
    const exact = correctedScore(grades).interval;
    expect((exact?.high ?? 0) - (exact?.low ?? 0)).toBeGreaterThan(0.12);
    const alike = correctedScore(
      grades.map(({ judge, label }) => ({ judge, label: label && { value: 0.5, probability: 0.1 } })),
    );
    expect(alike.estimate).toBeCloseTo(0.5, 10);
    expect((alike.interval?.high ?? 0) - (alike.interval?.low ?? 0)).toBeGreaterThan(0.1);
    expect(alike.worthLabels).toBe(40);
  });

  test('rows of which hardly a label can be expected make no stratum of their own, also when there is one', () => {
    const all = Array.from({ length: 400 }, (_, i) => {
      const judge = i < 4 || i >= 384 ? 0 : 1;
      return { judge, label: i < 40 ? { value: judge === 0 || i % 4 === 1 ? 0 : 1, probability: 0.1 } : null };
    });
    // The judge says 0 of 20 rows in 400, which lets two labels be expected, and four of 40 were there; 27 labels are 1.
    expect(correctedScore(all).estimate).toBeCloseTo(27 / 40, 10);
  });

  test('a judge that guesses is worth nothing, and costs hardly anything', () => {
    const { worthLabels } = correctedScore(rows(1000, 60, (i) => (i * 7) % 11 < 6));
    expect(worthLabels).toBeGreaterThanOrEqual(55);
    expect(worthLabels).toBeLessThan(75);
  });

  test('labels are counted that bring the interval to a half-width, or it is said that they cannot', () => {
    const corrected = correctedScore(rows(1000, 60, (i) => i % 9 === 0));
    const wanted = labelsNeeded(corrected, 0.05);
    expect(wanted).toBeGreaterThan(60);
    expect(wanted).toBeLessThan(300);
    const half = (labels: number) => {
      const { interval } = correctedScore(rows(1000, labels, (i) => i % 9 === 0));
      return ((interval?.high ?? 9) - (interval?.low ?? 0)) / 2;
    };
    expect(half(wanted ?? 0)).toBeLessThan(0.055);
    expect(half(wanted ?? 0)).toBeGreaterThan(0.042);
    expect(labelsNeeded(corrected, 0.01)).toBeNull();
    expect(labelsNeeded(correctedScore(rows(100, 5, () => false)), 0.1)).toBeNull();
  });

  test('a judge that favours B is corrected to no difference', () => {
    const pairs = Array.from({ length: 400 }, (_, i) => {
      const value = { a: i % 3 === 0 ? 1 : 0, b: i % 3 === 1 ? 1 : 0 };
      return {
        judgeA: value.a,
        judgeB: i % 5 === 0 ? 1 : value.b,
        label: i % 4 === 0 ? { value, probability: 0.25 } : null,
      };
    });
    const corrected = correctedDifference(pairs);
    expect(corrected.raw).toBeGreaterThan(0.1);
    expect(corrected.decision).toBe('unclear');
    expect(Math.abs(corrected.estimate ?? 9)).toBeLessThan(0.02);
  });

  test('Rogan–Gladen refuses few labels and a judge that may be a coin', () => {
    const judged = { count: 60, of: 100 };
    const rate = (count: number, of: number) => ({ count, of });
    expect(roganGladen(judged, { passed: rate(9, 9), failed: rate(30, 30) }).why).toBe('too_few');
    expect(roganGladen(judged, { passed: rate(25, 40), failed: rate(18, 40) })).toMatchObject({
      estimate: null,
      interval: null,
      why: 'no_better_than_chance',
    });
  });
});
