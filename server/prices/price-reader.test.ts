import { readFileSync } from 'node:fs';
import { calcPrice } from '@pydantic/genai-prices';
import type { PriceRow } from '@wheelhouse/core/records';
import { costOf } from '@wheelhouse/core/trace';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { priceTable } from './genai-prices.ts';
import { createPriceReader } from './price-reader.ts';

const at = (iso: string) => Date.parse(iso);
const now = at('2026-06-01T12:00:00Z');
const own = (validFrom: string | null, rate: bigint): PriceRow => ({
  id: `own ${validFrom}`,
  provider: 'sim',
  model: 'echo',
  validFrom,
  perMillion: { inputUncached: rate },
});

describe('a price reader', () => {
  it('knows the prices of vendors in nano-dollars per million tokens', () => {
    expect(createPriceReader().find('openai', 'gpt-4o-mini', now)).toEqual({
      id: 'genai-prices:0.1.8/openai/gpt-4o-mini',
      provider: 'openai',
      model: 'gpt-4o-mini',
      validFrom: null,
      perMillion: { inputUncached: 150_000_000n, cacheRead: 75_000_000n, outputText: 600_000_000n },
    });
  });

  it('finds a dated model by its name, and the same row each time', () => {
    const prices = createPriceReader();
    const row = prices.find('openai', 'gpt-4o-mini-2024-07-18', now);
    expect(row?.id).toBe('genai-prices:0.1.8/openai/gpt-4o-mini');
    expect(prices.find('openai', 'gpt-4o-mini-2024-07-18', now)).toBe(row);
  });

  it('takes the price in force at the time', () => {
    const prices = createPriceReader();
    const o3 = (iso: string) => prices.find('openai', 'o3', at(iso));
    expect(o3('2025-06-09T23:59:59Z')).toMatchObject({
      id: 'genai-prices:0.1.8/openai/o3',
      perMillion: { inputUncached: 10_000_000_000n },
    });
    expect(o3('2025-06-10T00:00:00Z')).toMatchObject({
      id: 'genai-prices:0.1.8/openai/o3@2025-06-10',
      validFrom: '2025-06-10',
      perMillion: { inputUncached: 2_000_000_000n },
    });
  });

  it('takes the price of the time of day', () => {
    const prices = createPriceReader();
    const input = (iso: string) => prices.find('deepseek', 'deepseek-reasoner', at(iso))?.perMillion.inputUncached;
    expect(input('2025-03-01T20:00:00Z')).toBe(135_000_000n);
    expect(input('2025-03-01T12:00:00Z')).toBe(550_000_000n);
  });

  it('gives the rates of long prompts as tiers', () => {
    expect(createPriceReader().find('openai', 'gpt-5.4', now)).toMatchObject({
      perMillion: { inputUncached: 2_500_000_000n, cacheRead: 250_000_000n, outputText: 15_000_000_000n },
      tiers: [
        {
          aboveInputTokens: 271_999,
          perMillion: { inputUncached: 5_000_000_000n, cacheRead: 500_000_000n, outputText: 22_500_000_000n },
        },
      ],
    });
  });

  it.each([
    ['azure.ai.openai', 'gpt-4o', 'azure/gpt-4o'],
    ['gcp.gemini', 'gemini-2.5-flash', 'google/gemini-2.5-flash'],
    ['anthropic', 'claude-sonnet-4-5', 'anthropic/claude-sonnet-4-5'],
    ['OpenAI', 'gpt-4o', 'openai/gpt-4o'],
  ])('knows the provider that instrumentations call %s', (provider, model, id) => {
    expect(createPriceReader().find(provider, model, now)?.id).toBe(`genai-prices:0.1.8/${id}`);
  });

  it.each([
    ['an unknown provider', 'ours', 'gpt-4o-mini'],
    ['a provider that is only called after a vendor', 'my-openai-proxy', 'gpt-4o-mini'],
    ['an unknown model', 'openai', 'gpt-mock'],
    ['a model that is billed by the hour', 'openai', 'whisper-1'],
    ['a model whose output tokens have several prices', 'openai', 'gpt-image-1.5'],
    ['a model without a price', 'openai', 'omni-moderation-latest'],
    ['hostile names', '__proto__', 'constructor'],
  ])('has no row for %s', (_, provider, model) => {
    expect(createPriceReader().find(provider, model, now)).toBeNull();
  });

  it('prefers own rows, the newest in force', () => {
    const prices = createPriceReader([own(null, 1n), own('2026-01-01', 3n), own('2025-01-01', 2n)]);
    const rate = (iso: string) => prices.find('sim', 'echo', at(iso))?.perMillion.inputUncached;
    expect(['2024-05-05', '2025-05-05', '2026-01-01'].map(rate)).toEqual([1n, 2n, 3n]);
    expect(createPriceReader([own('2026-01-01', 3n)]).find('sim', 'echo', at('2025-01-01'))).toBeNull();
  });

  it('does not break on a time that is none', () => {
    expect(createPriceReader().find('openai', 'o3', Number.NaN)).toBeNull();
    expect(createPriceReader().find('openai', 'o3', 1e300)).toBeNull();
  });

  it('makes the costs that the table itself makes', () => {
    const prices = createPriceReader();
    const model = fc.constantFrom(
      ['openai', 'gpt-4o-mini'],
      ['openai', 'gpt-5.4'],
      ['openai', 'o3'],
      ['openai', 'gpt-3.5-turbo'],
      ['anthropic', 'claude-sonnet-4-5'],
      ['google', 'gemini-2.5-pro'],
      ['deepseek', 'deepseek-v4-pro'],
    ) as fc.Arbitrary<[string, string]>;
    const tokens = fc.nat(400_000);
    fc.assert(
      fc.property(model, tokens, tokens, tokens, tokens, (name, inputUncached, cacheRead, outputText, reasoning) => {
        const [providerId, modelId] = name;
        const row = prices.find(providerId, modelId, now);
        if (!row) throw new Error(`no price of ${name}`);
        const cost = costOf(
          { counts: { inputUncached, cacheRead, outputText, reasoning, requests: 1 }, source: 'provider' },
          row,
        );
        const usage = {
          input_tokens: inputUncached + cacheRead,
          cache_read_tokens: cacheRead,
          output_tokens: outputText + reasoning,
        };
        const theirs = calcPrice(usage, modelId, { providerId, timestamp: new Date(now) })?.total_price ?? Number.NaN;
        expect(Math.abs(Number(cost?.totalNanoUsd) - theirs * 1e9)).toBeLessThanOrEqual(0.51);
      }),
    );
  });

  it('names the version of the table that is installed', () => {
    const { dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    expect(priceTable).toBe(`genai-prices:${dependencies['@pydantic/genai-prices']}`);
  });
});
