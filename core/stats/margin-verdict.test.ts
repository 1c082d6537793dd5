import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ScoreRow } from './difference-sample.ts';
import { marginVerdict } from './margin-verdict.ts';

const rows = (differences: readonly number[]): ScoreRow[] => differences.map((d) => ({ a: [0.5], b: [0.5 + d] }));
const about = (centre: number, count: number) =>
  rows(Array.from({ length: count }, (_, i) => centre + 0.1 * Math.sin(7 * i)));
const options = { bounded: true, risk: 0.05 };

describe('a claim about a margin', () => {
  test('is held when the rows show it, failed when they show the opposite, open when they show neither', () => {
    expect(marginVerdict(about(0, 100), { claim: 'not_lower', margin: 0.05 }, options).state).toBe('held');
    expect(marginVerdict(about(-0.1, 100), { claim: 'not_lower', margin: 0.05 }, options).state).toBe('failed');
    expect(marginVerdict(about(0, 10), { claim: 'not_lower', margin: 0.03 }, options).state).toBe('inconclusive');
  });

  test('of equivalence needs both sides, and fails by one', () => {
    expect(marginVerdict(about(0.01, 200), { claim: 'equivalent', margin: 0.05 }, options).state).toBe('held');
    expect(marginVerdict(about(0.1, 200), { claim: 'equivalent', margin: 0.05 }, options).state).toBe('failed');
    expect(marginVerdict(about(0.1, 200), { claim: 'not_lower', margin: 0.05 }, options).state).toBe('held');
  });

  test('is open below the size where anything can be said, and names that size', () => {
    expect(marginVerdict(about(0, 5), { claim: 'not_lower', margin: 0.5 }, options)).toEqual({
      ...{ state: 'inconclusive', p: null, interval: null, minimum: 6 },
      confidence: 0.9,
    });
    expect(
      marginVerdict(about(0, 30), { claim: 'not_lower', margin: 0.5 }, { bounded: false, risk: 0.05 }),
    ).toMatchObject({
      ...{ state: 'inconclusive', minimum: 35 },
    });
  });

  test('goes by its interval: held inside the margin, failed outside', () => {
    const grade = fc.integer({ min: -10, max: 10 }).map((n) => n / 20);
    fc.assert(
      fc.property(
        fc.array(grade, { minLength: 6, maxLength: 60 }),
        fc.constantFrom('not_lower', 'not_higher', 'equivalent'),
        fc.double({ min: 0.01, max: 0.4, noNaN: true }),
        (differences, claim, margin) => {
          const { state, p, interval } = marginVerdict(rows(differences), { claim, margin }, options);
          if (!interval) throw new Error('There is an interval from six rows on.');
          const [above, below] = [interval.low + margin, margin - interval.high];
          const room = { not_lower: above, not_higher: below, equivalent: Math.min(above, below) }[claim];
          const [beyondLow, beyondHigh] = [interval.high < -margin, interval.low > margin];
          const isOut = (claim !== 'not_higher' && beyondLow) || (claim !== 'not_lower' && beyondHigh);
          if (Math.abs(room) > 1e-9) expect(state === 'held').toBe(room > 0);
          expect((p ?? 1) <= 0.05).toBe(state === 'held');
          if (isOut) expect(state).toBe('failed');
        },
      ),
      { numRuns: 300 },
    );
  });
});
