import { costSchemas } from '@wheelhouse/core/contract';
import { defaultProjectId } from '@wheelhouse/core/records';
import { fakeAuditStore, fakePriceStore } from '@wheelhouse/testing/fakes';
import { describe, expect, it } from 'vitest';
import { openCatalogue } from './genai-prices.ts';
import { createPriceHandlers, type NewPriceBody } from './price-handlers.ts';
import { createPriceReader } from './price-reader.ts';

const project = defaultProjectId;
const by = { project, actor: 'ada' };
const catalogue = openCatalogue();
const noon = Date.parse('2026-06-01T12:00:00.000Z');

function setUp() {
  const store = fakePriceStore(fakeAuditStore());
  const reader = createPriceReader({ store, projects: () => [project], catalogue });
  let draws = 0;
  const handlers = createPriceHandlers({
    ...{ store, catalogue, changed: () => reader.refresh() },
    clock: { now: () => BigInt(noon) * 1_000_000n },
    random: { bytes: (count) => new Uint8Array(count).fill(++draws) },
  });
  const ask = { by, params: {}, query: undefined };
  return {
    create: async (body: NewPriceBody) => handlers.createPrice({ ...ask, body: costSchemas.newPrice.parse(body) }),
    list: (query: object) =>
      handlers.listPrices({ ...ask, query: costSchemas.priceQuery.parse(query), body: undefined }),
    end: (priceId: string, at?: string) => handlers.endPrice({ ...ask, params: { priceId }, body: at ? { at } : {} }),
    find: (model: string, atMs = noon) =>
      reader.find({ project, provider: 'openai', models: [model], atMs, serviceTier: null })?.id,
  };
}

const given: NewPriceBody = {
  ...{ provider: 'azure.ai.openai', model: 'gpt-9*', serviceTier: 'Batch', validFrom: '2026-01-01' },
  usdPerMillion: { inputUncached: 0.0125, outputText: '123456789.123456789' },
  tiers: [{ aboveInputTokens: 200_000, usdPerMillion: { inputUncached: 1e-9 } }],
  source: 'contract',
};

describe('own prices', () => {
  it('are kept exactly, with who set them, under the name that prices know the provider by', async () => {
    const price = await setUp().create(given);
    expect(price).toEqual({
      ...{ id: expect.stringMatching(/^price_/), origin: 'own', provider: 'azure', model: 'gpt-9*' },
      ...{ serviceTier: 'batch', validFrom: '2026-01-01T00:00:00.000Z', validUntil: null, source: 'contract' },
      ...{ createdBy: 'ada', createdAt: expect.any(String), endedBy: null },
      perMillion: { inputUncached: '12500000', outputText: '123456789123456789' },
      tiers: [{ aboveInputTokens: 200_000, perMillion: { inputUncached: '1' } }],
    });
    expect(costSchemas.price.parse(price)).toEqual(price);
  });

  it('count from now on unless said otherwise, before the answer is sent, and until their end', async () => {
    const { create, end, find } = setUp();
    const { id, validFrom } = await create({ provider: 'openai', model: 'gpt-9', usdPerMillion: { outputText: 1 } });
    expect(validFrom).toBe('2026-06-01T12:00:00.000Z');
    expect([find('gpt-9'), find('gpt-9', noon - 1)]).toEqual([id, undefined]);
    expect(await end(id, '2026-06-02T00:00:00.000Z')).toMatchObject({ validUntil: '2026-06-02T00:00:00.000Z' });
    expect([find('gpt-9'), find('gpt-9', noon + 86_400_000)]).toEqual([id, undefined]);
    await expect(end('genai-prices:0.1.8/openai/gpt-4o')).rejects.toMatchObject({ code: 'not_found' });
  });

  it.each([
    ['no rate', { usdPerMillion: {} }],
    ['an unknown bucket', { usdPerMillion: { tokens: 1 } }],
    ['a negative rate', { usdPerMillion: { outputText: -1 } }],
    ['a rate that is none', { usdPerMillion: { outputText: '1e3' } }],
    ['more digits than there are nano-dollars', { usdPerMillion: { outputText: '0.0000000001' } }],
    ['a * in the middle', { model: 'gpt-*-mini' }],
    ['a day that is none', { validFrom: '2026-02-31' }],
    ['nobody’s model', { provider: ' ' }],
  ])('refuse %s', (_, change) => {
    expect(costSchemas.newPrice.safeParse({ ...given, ...change }).success).toBe(false);
  });

  it('refuse two tiers that begin at the same place', async () => {
    const [tier] = given.tiers ?? [];
    if (!tier) throw new Error('no tier');
    await expect(setUp().create({ ...given, tiers: [tier, tier] })).rejects.toMatchObject({ param: 'tiers' });
  });
});

describe('the list of prices', () => {
  it('has own prices first, then the catalogue, page by page, each once', async () => {
    const { create, list } = setUp();
    for (const model of ['one', 'two']) await create({ ...given, model });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list({ limit: 400, ...(cursor && { cursor }) });
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.next ?? undefined;
    } while (cursor);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBe(2 + (await catalogue.list()).length);
    expect(seen.slice(0, 3).map((id) => id.split(/[_/]/)[0])).toEqual(['price', 'price', 'genai-prices:0.1.8']);
    await expect(list({ cursor: 'nowhere' })).rejects.toMatchObject({ code: 'invalid_request', param: 'cursor' });
  });

  it('is narrowed by provider, under any of its names, by model and by origin', async () => {
    const { create, list } = setUp();
    await create(given);
    const ids = async (query: object) => (await list(query)).data.map(({ provider, model }) => `${provider}/${model}`);
    expect(await ids({ provider: 'gcp.gemini', model: '2.5-FLASH-lite' })).toContain('google/gemini-2.5-flash-lite');
    expect(await ids({ origin: 'own' })).toEqual(['azure/gpt-9*']);
    expect(await ids({ origin: 'catalogue', model: 'gpt-9' })).toEqual([]);
  });
});
