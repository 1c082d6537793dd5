import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { uniformFrom } from '../uniform.ts';
import { calibration } from './calibration.ts';
import { judgeAgreement } from './judge-agreement.ts';
import { lengthBias, type Preference, positionBias, selfPreference } from './judge-bias.ts';

const fixture = JSON.parse(
  readFileSync(new URL('../../../testing/fixtures/judges/judges.json', import.meta.url), 'utf8'),
) as {
  length: {
    answers: { judge: number; reference: number; length: number }[];
    slope: number;
    low: number;
    high: number;
  }[];
  forecasts: { scores: number[]; passed: boolean[]; brier: number; bins: { passRate: number; meanScore: number }[] }[];
  correlation: { judge: number[]; person: number[]; pearson: number; spearman: number };
};

const times = <T>(count: number, draw: (i: number) => T) => Array.from({ length: count }, (_, i) => draw(i));

describe('diagnoses, the same as other packages to 1e-8', () => {
  test('the slope on length and its HC3 interval as statsmodels', () => {
    for (const { answers, slope, low, high } of fixture.length) {
      const found = lengthBias(answers);
      expect(found.estimate).toBeCloseTo(slope, 8);
      expect(found.interval?.low).toBeCloseTo(low, 8);
      expect(found.interval?.high).toBeCloseTo(high, 8);
    }
  });

  test("bins and Brier's score as scikit-learn", () => {
    for (const { scores, passed, brier, bins } of fixture.forecasts) {
      const found = calibration(
        scores.map((score, i) => ({ score, passed: passed[i] ?? false })),
        { seed: 1 },
      );
      expect(found.brier?.estimate).toBeCloseTo(brier, 8);
      expect(found.bins).toHaveLength(bins.length);
      found.bins.forEach(({ passRate, meanScore }, i) => {
        expect(passRate).toBeCloseTo(bins[i]?.passRate ?? 9, 8);
        expect(meanScore).toBeCloseTo(bins[i]?.meanScore ?? 9, 8);
      });
    }
  });

  test("Pearson's and Spearman's correlation as SciPy", () => {
    const { judge, person, pearson, spearman } = fixture.correlation;
    const found = judgeAgreement(judge.map((score, i) => ({ judge: score, person: person[i] ?? 0 })));
    expect(found.pearson?.estimate).toBeCloseTo(pearson, 8);
    expect(found.spearman?.estimate).toBeCloseTo(spearman, 8);
  });
});

describe('agreement of a judge with people', () => {
  test('verdicts of 0 and 1 have kappa, accuracy, sensitivity and specificity', () => {
    const found = judgeAgreement([
      ...times(40, () => ({ judge: 1, person: 1 })),
      ...times(10, () => ({ judge: 0, person: 1 })),
      ...times(45, () => ({ judge: 0, person: 0 })),
      ...times(5, () => ({ judge: 1, person: 0 })),
    ]);
    expect(found.binary?.accuracy.estimate).toBe(0.85);
    expect(found.binary?.sensitivity?.estimate).toBe(0.8);
    expect(found.binary?.specificity?.estimate).toBe(0.9);
    expect(found.binary?.kappa.value).toBeCloseTo(0.7, 10);
    expect(found.alpha.verdict).toBe('unclear');
    expect(found.leniency.estimate).toBeCloseTo(-0.05, 10);
  });

  test('a judge that always says the same has no correlation, and one of grades no accuracy', () => {
    const found = judgeAgreement(times(30, (i) => ({ judge: 0.8, person: (i % 5) / 4 })));
    expect(found.pearson).toBeNull();
    expect(found.spearman).toBeNull();
    expect(found.binary).toBeNull();
    expect(found.leniency).toMatchObject({ verdict: 'present' });
    expect(found.leniency.sentence).toMatch(
      /^The judge scores 30 pp higher than people \(95 % interval 1\d\.\d pp to 4\d\.\d pp, 30 examples\)\.$/,
    );
  });

  test('few examples give no verdict', () => {
    const found = judgeAgreement(times(19, (i) => ({ judge: i % 2, person: i % 2 })));
    expect(found.leniency.verdict).toBe('too_few');
    expect(found.alpha.verdict).toBe('too_few');
    expect(judgeAgreement([])).toMatchObject({ n: 0, pearson: null, binary: null });
  });
});

describe('position', () => {
  const pairs = (first: number, second: number, fair: number) => [
    ...times(first, () => ({ one: 'first', other: 'first' }) as const),
    ...times(second, () => ({ one: 'second', other: 'second' }) as const),
    ...times(fair, (i) =>
      i % 2 ? ({ one: 'first', other: 'second' } as const) : ({ one: 'tie', other: 'tie' } as const),
    ),
  ];

  test('a judge that goes by the place is found, in either direction', () => {
    expect(positionBias(pairs(20, 4, 56))).toMatchObject({ n: 80, estimate: 0.2, consistent: 0.7, verdict: 'present' });
    expect(positionBias(pairs(4, 20, 56)).sentence).toMatch(/^The answer shown second wins 20 pp more often/);
  });

  test('a fair judge is called fair only by many pairs', () => {
    expect(positionBias(pairs(3, 3, 40)).verdict).toBe('unclear');
    expect(positionBias(pairs(30, 30, 2000)).verdict).toBe('negligible');
    expect(positionBias(pairs(3, 3, 4))).toMatchObject({ verdict: 'too_few', estimate: null, consistent: null });
  });

  test('turning every verdict round negates it', () => {
    const preference = fc.constantFrom<Preference>('first', 'second', 'tie');
    const turned = { first: 'second', second: 'first', tie: 'tie' } as const;
    fc.assert(
      fc.property(
        fc.array(fc.record({ one: preference, other: preference }), { minLength: 20, maxLength: 60 }),
        (all) => {
          const [here, there] = [
            positionBias(all),
            positionBias(all.map(({ one, other }) => ({ one: turned[one], other: turned[other] }))),
          ];
          expect(there.estimate).toBeCloseTo(-(here.estimate ?? 9), 10);
          expect(there.interval?.low).toBeCloseTo(-(here.interval?.high ?? 9), 9);
          expect(there.verdict).toBe(here.verdict);
        },
      ),
    );
  });
});

describe('length and self-preference', () => {
  const u = uniformFrom(5);

  test('better answers that are longer are no bias; points for length alone are', () => {
    const answers = (perDoubling: number) =>
      times(120, () => {
        const length = Math.round(2 ** (5 + 4 * u()));
        const reference = Math.min(1, 0.1 * Math.log2(length) - 0.3 + 0.1 * u());
        return { reference, length, judge: reference + perDoubling * (Math.log2(length) - 7) + 0.1 * (u() - 0.5) };
      });
    expect(lengthBias(answers(0)).verdict).toBe('negligible');
    expect(lengthBias(answers(0.08))).toMatchObject({ verdict: 'present' });
    expect(lengthBias(times(50, () => ({ judge: 0.5, reference: 0.4, length: 100 }))).verdict).toBe('too_few');
  });

  test('a judge that is lenient to all has no preference for its own kind, even when its own kind is better', () => {
    const examples = (favour: number) =>
      times(100, () => {
        const [own, other] = [0.5 + 0.3 * u(), 0.3 + 0.3 * u()];
        return {
          own: { reference: own, judge: own + 0.1 + favour + 0.1 * (u() - 0.5) },
          other: { reference: other, judge: other + 0.1 + 0.1 * (u() - 0.5) },
        };
      });
    expect(selfPreference(examples(0)).verdict).toBe('negligible');
    const found = selfPreference(examples(0.1));
    expect(found.verdict).toBe('present');
    expect(found.estimate).toBeCloseTo(0.1, 1);
  });
});

describe('calibration', () => {
  const forecasts = (n: number, seed: number, chance: (score: number) => number) => {
    const u = uniformFrom(seed);
    return times(n, () => {
      const score = u();
      return { score, passed: u() < chance(score) };
    });
  };

  test('a faultless judge is hardly ever found faulty', () => {
    const faulty = times(
      200,
      (seed) =>
        calibration(
          forecasts(80, seed, (s) => s),
          { seed },
        ).verdict,
    ).filter((verdict) => verdict === 'present');
    // Two looks, of 5 % and 2.5 % each: 15 of 200 are expected at the most, and 26 in one of a thousand such runs.
    expect(faulty.length).toBeLessThanOrEqual(26);
  });

  test('a lenient judge is found by its mean, a too sure one by its bins', () => {
    expect(
      calibration(
        forecasts(300, 1, (s) => s * 0.8),
        { seed: 1 },
      ),
    ).toMatchObject({ verdict: 'present' });
    const sure = calibration(
      forecasts(400, 2, (s) => 0.5 + 0.3 * (s - 0.5)),
      { seed: 1 },
    );
    expect(sure.verdict).toBe('present');
    expect(sure.error?.estimate).toBeGreaterThan(sure.error?.byChance ?? 9);
    expect(sure.sentence).toMatch(/^The judge is not off on the whole, but scores are/);
  });

  test('many examples are needed to call a judge calibrated', () => {
    expect(
      calibration(
        forecasts(200, 3, (s) => s),
        { seed: 1 },
      ).verdict,
    ).toBe('unclear');
    expect(
      calibration(
        forecasts(4000, 4, (s) => s),
        { seed: 1 },
      ).verdict,
    ).toBe('negligible');
    expect(
      calibration(
        forecasts(10, 5, (s) => s),
        { seed: 1 },
      ),
    ).toMatchObject({ verdict: 'too_few', error: null, brier: null });
  });
});
