import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { count, defaultBreaker, judge, lets, newBreaker, outcomes } from './breaker.ts';

const settings = defaultBreaker;

describe('the circuit of a target', () => {
  it('opens when half of ten attempts failed, and not before', () => {
    const breaker = newBreaker();
    const opened = Array.from({ length: 10 }, (_, i) => count(breaker, i % 2 === 0, settings, 1_000 + i));
    expect(opened).toEqual([...Array(9).fill(false), true]);
    expect(lets(breaker, 1_010)).toBe(false);
  });

  it('forgets failures that are older than the window', () => {
    const breaker = newBreaker();
    for (let i = 0; i < 9; i += 1) count(breaker, false, settings, 1_000);
    expect(count(breaker, false, settings, 1_000 + settings.windowMs)).toBe(false);
    expect(outcomes(breaker, settings, 1_000 + settings.windowMs)).toEqual({ attempts: 1, bad: 1 });
  });

  it('lets one probe through, waits twice as long after each that fails, and closes after one that succeeds', () => {
    const breaker = newBreaker();
    let now = 1_000;
    for (let i = 0; i < 10; i += 1) count(breaker, false, settings, now);
    for (const waitMs of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      expect(lets(breaker, now + waitMs - 1)).toBe(false);
      now += waitMs;
      expect(lets(breaker, now)).toBe(true);
      breaker.probeUntilMs = now + 60_000;
      expect(lets(breaker, now + 59_999)).toBe(false);
      judge(breaker, false, settings, now);
    }
    now += 30_000;
    breaker.probeUntilMs = now + 60_000;
    judge(breaker, true, settings, now);
    expect(lets(breaker, now)).toBe(true);
    expect(outcomes(breaker, settings, now)).toEqual({ attempts: 0, bad: 0 });
  });

  it('counts nothing older than the window and nothing twice', () => {
    const event = fc.record({ afterMs: fc.integer({ min: 0, max: 20_000 }), well: fc.boolean() });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const breaker = newBreaker();
        let now = 1_000_000;
        const times: number[] = [];
        for (const { afterMs, well } of events) {
          now += afterMs;
          times.push(now);
          count(breaker, well, settings, now);
        }
        const { attempts } = outcomes(breaker, settings, now);
        const within = (ms: number) => times.filter((at) => at > now - ms).length;
        return attempts <= within(settings.windowMs + 1) && attempts >= Math.min(1, within(1));
      }),
    );
  });
});
