import { describe, expect, test } from 'vitest';
import { uniformFrom } from '../uniform.ts';
import { conformalP, eValueOf, nextDetector, noDetector } from './change-detector.ts';

describe('a detector of changes', () => {
  test('a conformal p-value is uniform while the order of values says nothing, with and without equal ones', () => {
    const uniform = uniformFrom(3);
    for (const levels of [3, 1e9]) {
      const ps = Array.from({ length: 4000 }, () => {
        const values = Array.from({ length: 12 }, () => Math.floor(uniform() * levels));
        return conformalP(values, uniform());
      });
      for (const at of [0.05, 0.25, 0.5, 0.9])
        expect(Math.abs(ps.filter((p) => p <= at).length / ps.length - at)).toBeLessThan(0.035);
    }
  });

  test('a value that is strangest of all has the smallest p-value that so many allow', () => {
    expect(conformalP([1, 2, 3, 9], 1)).toBe(0.25);
    expect(conformalP([1, 2, 3, 0], 0.5)).toBe(0.875);
    expect(conformalP([7], 0.25)).toBe(0.25);
  });

  test('the bet against a p-value is fair', () => {
    const steps = 200_000;
    const mean = Array.from({ length: steps }, (_, i) => eValueOf((i + 0.5) / steps)).reduce((a, b) => a + b) / steps;
    expect(mean).toBeCloseTo(1, 2);
  });

  test('evidence reaches a bound no more often than once in as many steps while nothing changes', () => {
    const uniform = uniformFrom(5);
    const [steps, bound] = [60_000, 100];
    let [detector, alarms] = [noDetector, 0];
    for (let step = 0; step < steps; step++) {
      detector = nextDetector(detector, eValueOf(uniform()));
      if (detector.evidence < bound) continue;
      alarms++;
      detector = noDetector;
    }
    expect(alarms).toBeLessThan(steps / bound);
  });

  test('counts the steps since what it sees began', () => {
    let detector = noDetector;
    for (const eValue of [0.5, 0.5, 3, 3, 3]) detector = nextDetector(detector, eValue);
    expect(detector).toMatchObject({ since: 27, steps: 3 });
    expect(detector.evidence).toBeCloseTo((((0.5 + 1) * 0.5 + 1) * 3 + 1) * 9 + 3, 9);
  });
});
