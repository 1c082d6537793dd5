import { describe, expect, it } from 'vitest';
import { readVendorLimits } from './vendor-limits.ts';

const now = Date.parse('2026-03-01T12:00:00Z');

describe('what a vendor says about its rate limits', () => {
  it('is the limit that is nearest to its end', () => {
    const openai = {
      'x-ratelimit-limit-requests': '60',
      'x-ratelimit-remaining-requests': '59',
      'x-ratelimit-reset-requests': '1s',
      'x-ratelimit-limit-tokens': '150000',
      'x-ratelimit-remaining-tokens': '15000',
      'x-ratelimit-reset-tokens': '6m0s',
    };
    expect(readVendorLimits(openai, now)).toEqual({ share: 0.1, wholeAtMs: now + 360_000 });
  });

  it('is read from Anthropic with its date', () => {
    const anthropic = {
      'anthropic-ratelimit-requests-limit': '50',
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': '2026-03-01T12:00:09Z',
    };
    expect(readVendorLimits(anthropic, now)).toEqual({ share: 0, wholeAtMs: now + 9_000 });
  });

  it.each([
    ['20ms', 20],
    ['1h2m3.5s', 3_723_500],
    ['7', 7_000],
    ['7.66', 7_660],
    [String(now / 1_000 + 4), 4_000],
    [String(now + 4), 4],
  ])('knows the reset %s', (reset, ms) => {
    const headers = { 'x-ratelimit-limit': '2', 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': reset };
    expect(readVendorLimits(headers, now)?.wholeAtMs).toBeCloseTo(now + ms, 0);
  });

  it('is nothing where the vendor is silent or unclear', () => {
    expect(readVendorLimits({}, now)).toBeNull();
    expect(readVendorLimits({ 'x-ratelimit-limit': 'many', 'x-ratelimit-remaining': '1' }, now)).toBeNull();
    const reset = { 'x-ratelimit-limit': '2', 'x-ratelimit-remaining': '3', 'x-ratelimit-reset': 'later' };
    expect(readVendorLimits(reset, now)).toEqual({ share: 1, wholeAtMs: null });
  });
});
