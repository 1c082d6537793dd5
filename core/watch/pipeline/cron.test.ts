import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextOfSchedule } from './cron.ts';

const next = (cron: string, after: string) => new Date(nextOfSchedule(cron, Date.parse(after))).toISOString();

describe('a schedule', () => {
  it('names the next minute that fits, in UTC', () => {
    expect(next('0 3 * * 1', '2026-11-22T10:00:00Z')).toBe('2026-11-23T03:00:00.000Z');
    expect(next('0 3 * * mon', '2026-11-23T03:00:00Z')).toBe('2026-11-30T03:00:00.000Z');
    expect(next('*/15 * * * *', '2026-11-22T10:14:59Z')).toBe('2026-11-22T10:15:00.000Z');
    expect(next('5/20 9-17 * * *', '2026-11-22T17:46:00Z')).toBe('2026-11-23T09:05:00.000Z');
    expect(next('30 4 1,15 jan-mar *', '2026-11-22T10:00:00Z')).toBe('2027-01-01T04:30:00.000Z');
    expect(next('0 0 29 2 *', '2096-03-01T00:00:00Z')).toBe('2104-02-29T00:00:00.000Z');
    expect(next('0 0 * * 7', '2026-11-21T00:00:00Z')).toBe('2026-11-22T00:00:00.000Z');
  });

  it('takes a day that fits the date or the weekday where both are given', () => {
    expect(next('0 0 13 * fri', '2026-11-22T00:00:00Z')).toBe('2026-11-27T00:00:00.000Z');
    expect(next('0 0 13 * fri', '2026-12-12T00:00:00Z')).toBe('2026-12-13T00:00:00.000Z');
  });

  it('refuses what names no time, and says why', () => {
    for (const wrong of ['', '* * * *', '60 * * * *', '* 24 * * *', '0 0 0 * *', '0 0 31 2 *', '5-1 * * * *'])
      expect(() => nextOfSchedule(wrong, 0), wrong).toThrow(/is no schedule/);
    for (const wrong of ['*/0 * * * *', '1-2-3 * * * *', 'x * * * *', '1,,2 * * * *', '-1 * * * *'])
      expect(() => nextOfSchedule(wrong, 0), wrong).toThrow(/is no schedule/);
  });

  it('leaves out no time: the next after a time before it is itself', () => {
    const field = (low: number, high: number) =>
      fc.oneof(
        fc.constant('*'),
        fc.integer({ min: low, max: high }).map(String),
        fc.integer({ min: 2, max: 9 }).map((n) => `*/${n}`),
      );
    const cron = fc
      .tuple(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6))
      .map((of) => of.join(' '));
    fc.assert(
      fc.property(cron, fc.integer({ min: 0, max: 4_000_000_000 }), (text, seconds) => {
        const afterMs = seconds * 1_000;
        const at = nextOfSchedule(text, afterMs);
        expect(at).toBeGreaterThan(afterMs);
        expect(nextOfSchedule(text, at - 1)).toBe(at);
        expect(nextOfSchedule(text, Math.floor((afterMs + at) / 2))).toBe(at);
      }),
      { numRuns: 200 },
    );
  });
});
