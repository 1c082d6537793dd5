import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { earn, newBudget, perCall, reserve, spend, trickleMs } from './retry-budget.ts';

describe('the retry budget of a target', () => {
  it('hard case 15: lets retries be a tenth of the calls, beyond a small reserve', () => {
    const budget = newBudget(0);
    let retries = 0;
    for (let call = 0; call < 10_000; call += 1) {
      earn(budget);
      if (spend(budget, 0)) retries += 1;
    }
    expect(retries).toBeGreaterThan(990);
    expect(retries).toBeLessThanOrEqual(1_000 + reserve);
  });

  it('never lets more retries pass than calls, reserve and time have earned, in any order', () => {
    const event = fc.record({ spends: fc.boolean(), afterMs: fc.integer({ min: -5, max: 5_000 }) });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 300 }), (events) => {
        const budget = newBudget(0);
        let [calls, retries, now, passed] = [0, 0, 0, 0];
        for (const { spends, afterMs } of events) {
          now += afterMs;
          passed += Math.max(0, afterMs);
          if (!spends) {
            calls += 1;
            earn(budget);
          } else if (spend(budget, now)) retries += 1;
          if (retries > reserve + calls * perCall + passed / trickleMs + 1e-6) return false;
        }
        return true;
      }),
    );
  });
});
