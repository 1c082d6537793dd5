import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Arm, addToArms, armsInterval, copyOfArms, startTwoArms } from './two-arm-sequence.ts';
import { uniformFrom } from './uniform.ts';

const options = { effect: 0.1, risk: { low: 0.05, high: 0.05 } };
const marks = [-0.5, -0.2, -0.1, 0, 0.1, 0.2, 0.5];

function after(values: readonly { arm: Arm; value: number }[]) {
  const arms = startTwoArms(marks);
  for (const value of values) addToArms(arms, value, options);
  return arms;
}
/** Each arm by chance; of each this share is 1. */
function drawn(count: number, { a, b, share }: { a: number; b: number; share: number }, seed: number) {
  const u = uniformFrom(seed);
  return Array.from({ length: count }, () => {
    const arm: Arm = u() < share ? 'b' : 'a';
    return { arm, value: u() < (arm === 'a' ? a : b) ? 1 : 0 };
  });
}
const values = fc.array(fc.record({ arm: fc.constantFrom<Arm>('a', 'b'), value: fc.constantFrom(0, 0.5, 1) }), {
  maxLength: 60,
});

describe('an interval for the difference of two arms that holds at all times', () => {
  test('says nothing before both have a value', () => {
    expect(armsInterval(after([]))).toEqual({ low: -1, high: 1 });
    expect(armsInterval(after(Array.from({ length: 500 }, () => ({ arm: 'a', value: 1 }))))).toEqual({
      low: -1,
      high: 1,
    });
  });

  test('only narrows as values come', () => {
    fc.assert(
      fc.property(values, (given) => {
        const [before, now] = [armsInterval(after(given.slice(0, -1))), armsInterval(after(given))];
        expect(now.low).toBeGreaterThanOrEqual(before.low);
        expect(now.high).toBeLessThanOrEqual(before.high);
      }),
      { numRuns: 60 },
    );
  });

  test('is turned round when good is called bad', () => {
    const given = drawn(800, { a: 0.9, b: 0.6, share: 0.3 }, 5);
    const { low, high } = armsInterval(after(given));
    const turned = armsInterval(after(given.map(({ arm, value }) => ({ arm, value: 1 - value }))));
    expect(high).toBeLessThanOrEqual(-0.1);
    expect([turned.low, turned.high]).toEqual([-high, -low]);
  });

  test('may be kept as JSON between two values, and a copy stands for itself', () => {
    const given = drawn(120, { a: 0.8, b: 0.5, share: 0.5 }, 9);
    const kept = JSON.parse(JSON.stringify(after(given.slice(0, 60))));
    const copy = copyOfArms(kept);
    for (const value of given.slice(60)) addToArms(copy, value, options);
    expect(copy).toEqual(after(given));
    expect(kept).toEqual(after(given.slice(0, 60)));
  });

  test('covers the truth about as often as it says, however both arms drift together', () => {
    let wrong = 0;
    for (let seed = 0; seed < 300; seed++) {
      const u = uniformFrom(seed);
      const arms = startTwoArms([0]);
      for (let i = 0; i < 400; i++) {
        const rate = i % 100 < 50 ? 0.9 : 0.3;
        addToArms(arms, { arm: u() < 0.2 ? 'b' : 'a', value: u() < rate ? 1 : 0 }, options);
      }
      const { low, high } = armsInterval(arms);
      if (low === 0 || high === 0) wrong++;
    }
    expect(wrong / 300).toBeLessThan(0.1);
  });
});
