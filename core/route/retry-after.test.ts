import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRetryAfter } from './retry-after.ts';

const now = Date.parse('2026-03-01T12:00:00Z');

describe('how long a vendor asks to wait', () => {
  it.each([
    [{ 'retry-after': '2' }, 2_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': 'Sun, 01 Mar 2026 12:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Sunday, 01-Mar-26 12:00:05 GMT' }, 5_000],
    [{ 'retry-after': 'Sun Mar  1 12:00:04 2026' }, 4_000],
    [{ 'retry-after': '2026-03-01T12:00:07Z' }, 7_000],
    [{ 'retry-after-ms': '1500', 'retry-after': '9' }, 1_500],
    [{ 'x-ms-retry-after-ms': '250' }, 250],
    [{ 'retry-after': '3600' }, 600_000],
    [{ 'retry-after': '-5' }, 0],
    [{ 'retry-after': 'Sun, 01 Mar 2026 11:00:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, null],
    [{ 'retry-after': '' }, null],
    [{ 'retry-after-ms': 'x', 'retry-after': '3' }, 3_000],
    [{}, null],
  ])('%j is %s ms', (headers, ms) => {
    expect(readRetryAfter(headers as Record<string, string>, now)).toBe(ms);
  });

  it('is never negative, endless or not a number, whatever is sent', () => {
    const names = ['retry-after', 'retry-after-ms', 'x-ms-retry-after-ms'];
    const value = fc.oneof(fc.string(), fc.integer().map(String), fc.double().map(String), fc.date().map(String));
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), value), (headers) => {
        const ms = readRetryAfter(headers, now);
        return ms === null || (ms >= 0 && ms <= 600_000);
      }),
    );
  });
});
