import { readFileSync } from 'node:fs';
import { calcPrice } from '@pydantic/genai-prices';
import { defaultProjectId, type Price, type PriceRow, type UsageCounts } from '@wheelhouse/core/records';
import { costOf } from '@wheelhouse/core/trace';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openCatalogue, priceTable } from './genai-prices.ts';
import { createPriceReader } from './price-reader.ts';

const at = (iso: string) => Date.parse(iso);
const now = at('2026-06-01T12:00:00Z');
const catalogue = openCatalogue();
let ids = 0;
const own = (more: Partial<Price> = {}): Price => ({
  ...{ id: `own ${++ids}`, provider: 'openai', model: 'gpt-4o-mini', serviceTier: null },
  ...{ validFrom: null, validUntil: null, source: 'contract', createdBy: 'ada', createdAt: null, endedBy: null },
  perMillion: { inputUncached: 1n },
  ...more,
});

/** A reader of the own prices, newest first, as a store gives them. */
async function readerOf(prices: Price[] = [], builtIn: PriceRow[] = []) {
  const reader = createPriceReader({
    ...{ store: { list: async () => prices }, projects: () => [defaultProjectId], catalogue, builtIn },
  });
  await reader.refresh();
  const find = (provider: string, models: string | string[], atMs: number, serviceTier: string | null = null) =>
    reader.find({ project: defaultProjectId, provider, models: [models].flat(), atMs, serviceTier });
  return { ...reader, find, findIn: reader.find };
}
const prices = await readerOf();

describe('a price reader', () => {
  it('knows the prices of vendors in nano-dollars per million tokens', () => {
    expect(prices.find('openai', 'gpt-4o-mini', now)).toEqual({
      id: 'genai-prices:0.1.8/openai/gpt-4o-mini',
      provider: 'openai',
      model: 'gpt-4o-mini',
      validFrom: null,
      perMillion: { inputUncached: 150_000_000n, cacheRead: 75_000_000n, outputText: 600_000_000n },
    });
  });

  it('finds a dated model by its name, and the same row each time', () => {
    const row = prices.find('openai', 'gpt-4o-mini-2024-07-18', now);
    expect(row?.id).toBe('genai-prices:0.1.8/openai/gpt-4o-mini');
    expect(prices.find('openai', 'gpt-4o-mini-2024-07-18', now)).toBe(row);
  });

  it('takes the price in force at the time', () => {
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
    const input = (iso: string) => prices.find('deepseek', 'deepseek-reasoner', at(iso))?.perMillion.inputUncached;
    expect(input('2025-03-01T20:00:00Z')).toBe(135_000_000n);
    expect(input('2025-03-01T12:00:00Z')).toBe(550_000_000n);
  });

  it('gives the rates of long prompts as tiers', () => {
    expect(prices.find('openai', 'gpt-5.4', now)).toMatchObject({
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
    expect(prices.find(provider, model, now)?.id).toBe(`genai-prices:0.1.8/${id}`);
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
    expect(prices.find(provider, model, now)).toBeNull();
  });

  it('does not break on a time that is none', () => {
    expect(prices.find('openai', 'o3', Number.NaN)).toBeNull();
    expect(prices.find('openai', 'o3', 1e300)).toBeNull();
  });

  it('takes half for calls that may wait, where the vendor says so, and knows no price of other service tiers', () => {
    const rates = (provider: string, model: string, tier: string) => prices.find(provider, model, now, tier);
    expect(rates('openai', 'gpt-4o-mini', 'batch')).toMatchObject({
      id: 'genai-prices:0.1.8/openai/gpt-4o-mini+batch',
      perMillion: { inputUncached: 75_000_000n, cacheRead: 37_500_000n, outputText: 300_000_000n },
    });
    expect(rates('openai', 'gpt-5.4', 'flex')?.tiers?.[0]?.perMillion.inputUncached).toBe(2_500_000_000n);
    expect(rates('anthropic', 'claude-sonnet-4-5', 'batch')?.perMillion.outputText).toBe(7_500_000_000n);
    expect(rates('azure', 'gpt-4o', 'flex')).not.toBeNull();
    const google = rates('google', 'gemini-2.5-flash', 'batch');
    const costs = (counts: UsageCounts) => google && costOf({ counts, source: 'provider' }, google)?.totalNanoUsd;
    expect(costs({ inputUncached: 1_000_000 })).toBe(150_000_000n);
    // Nothing says what cached tokens of a batch cost there, so no other rate stands in.
    expect(costs({ inputUncached: 1_000_000, cacheRead: 1 })).toBeUndefined();
    expect(rates('openai', 'gpt-4o-mini', 'priority')).toBeNull();
    expect(rates('anthropic', 'claude-sonnet-4-5', 'flex')).toBeNull();
    expect(rates('mistral', 'mistral-large-latest', 'batch')).toBeNull();
    expect(rates('groq', 'llama-3.3-70b-versatile', 'batch')).toBeNull();
  });
});

describe("a project's own prices", () => {
  const idAt = async (list: Price[], iso: string) => (await readerOf(list)).find('openai', 'gpt-4o-mini', at(iso))?.id;

  it('come before the catalogue, from their day on and until their end', async () => {
    const list = [own({ id: 'mine', validFrom: '2026-01-01T00:00:00.000Z', validUntil: '2026-03-01T00:00:00.000Z' })];
    const table = 'genai-prices:0.1.8/openai/gpt-4o-mini';
    expect(await idAt(list, '2025-12-31T23:59:59.999Z')).toBe(table);
    expect(await idAt(list, '2026-01-01T00:00:00Z')).toBe('mine');
    expect(await idAt(list, '2026-02-28T23:59:59.999Z')).toBe('mine');
    expect(await idAt(list, '2026-03-01T00:00:00Z')).toBe(table);
  });

  it('replace one another: the one that began last counts, then the one that was set last', async () => {
    const list = [
      own({ id: 'corrected', validFrom: '2026-02-01T00:00:00.000Z' }),
      own({ id: 'second', validFrom: '2026-02-01T00:00:00.000Z' }),
      own({ id: 'backdated', validFrom: '2026-01-01T00:00:00.000Z' }),
      own({ id: 'first' }),
    ];
    expect(await idAt(list, '2025-05-05')).toBe('first');
    expect(await idAt(list, '2026-01-05')).toBe('backdated');
    expect(await idAt(list, '2026-02-05')).toBe('corrected');
  });

  it('fit a name whatever its ending where they say so; the closest counts', async () => {
    const reader = await readerOf([
      own({ id: 'any', model: '*' }),
      own({ id: 'family', model: 'GPT-4o-mini*' }),
      own({ id: 'exact', model: 'gpt-4o-mini-2024-07-18' }),
    ]);
    const id = (model: string) => reader.find('OpenAI', model, now)?.id;
    expect(['gpt-4o-mini-2024-07-18', 'gpt-4o-mini-2030', 'gpt-4o-mini', 'ours'].map(id)).toEqual([
      ...['exact', 'family', 'family', 'any'],
    ]);
  });

  it('count for the model that was asked for, also when the catalogue knows the one that answered', async () => {
    const reader = await readerOf([own({ id: 'mine' })]);
    expect(reader.find('openai', ['gpt-4o-mini-2024-07-18', 'gpt-4o-mini'], now)?.id).toBe('mine');
  });

  it('are for the calls of one service tier', async () => {
    const reader = await readerOf([own({ id: 'priority', serviceTier: 'priority' })]);
    const id = (tier: string | null) => reader.find('openai', 'gpt-4o-mini', now, tier)?.id;
    expect([id('priority'), id(null), id('batch')]).toEqual([
      'priority',
      'genai-prices:0.1.8/openai/gpt-4o-mini',
      'genai-prices:0.1.8/openai/gpt-4o-mini+batch',
    ]);
  });

  it('are known as soon as they are read again, and are nobody else’s', async () => {
    const list: Price[] = [];
    const reader = await readerOf(list);
    list.push(own({ id: 'new', provider: 'azure', model: 'ours' }));
    expect(reader.find('azure.ai.openai', 'ours', now)).toBeNull();
    await reader.refresh();
    expect(reader.find('azure.ai.openai', 'ours', now)?.id).toBe('new');
    const ask = { provider: 'azure', models: ['ours'], atMs: now, serviceTier: null };
    expect(reader.findIn({ project: 'elsewhere' as typeof defaultProjectId, ...ask })).toBeNull();
  });

  it('come before what is built in', async () => {
    const builtIn = [{ id: 'sim', provider: 'sim', model: 'echo', validFrom: null, perMillion: { outputText: 0n } }];
    expect((await readerOf([], builtIn)).find('sim', 'echo', now, 'batch')?.id).toBe('sim');
    const mine = [own({ id: 'mine', provider: 'sim', model: 'echo' })];
    expect((await readerOf(mine, builtIn)).find('sim', 'echo', now)?.id).toBe('mine');
  });
});

describe('costs', () => {
  it('makes the costs that the table itself makes', () => {
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

  it('lists every row of the table with where it is from', async () => {
    const rows = await catalogue.list();
    expect(rows.length).toBeGreaterThan(1_000);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    expect(rows.find(({ id }) => id === 'genai-prices:0.1.8/openai/gpt-4o-mini')).toMatchObject({
      ...{ source: '@pydantic/genai-prices 0.1.8 of 2026-09-23', createdBy: 'catalogue', validFrom: null },
      perMillion: { inputUncached: 150_000_000n },
    });
    expect(rows.some(({ validFrom }) => validFrom !== null)).toBe(true);
  });

  it('names the version of the table that is installed', () => {
    const { dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    expect(priceTable).toBe(`genai-prices:${dependencies['@pydantic/genai-prices']}`);
  });
});
