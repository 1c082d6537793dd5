import { expect, it } from 'vitest';
import { parseTier } from './prices.ts';

it('reads the rates of a tier', () => {
  expect(parseTier('200000:input=3,output=15.5, cache-read=0.3')).toEqual({
    aboveInputTokens: 200_000,
    usdPerMillion: { inputUncached: '3', outputText: '15.5', cacheRead: '0.3' },
  });
});

it.each(['200000', '200000:', 'many:input=3', '200000:input', '200000:input=free', '200000:tokens=3', ':input=3'])(
  'refuses %s',
  (text) => {
    expect(() => parseTier(text)).toThrowError(expect.objectContaining({ name: 'UsageError' }));
  },
);
