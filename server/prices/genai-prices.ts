import { createRequire } from 'node:module';
import type { ConditionalPrice, ModelInfo, ModelPrice } from '@pydantic/genai-prices';
import type { Price, PriceRow, Rates, UsageBucket } from '@wheelhouse/core/records';

/** The package's version, part of each row's id, so that a cost names the table that made it. */
export const priceTable = 'genai-prices:0.1.8';
/** When that version was published. */
const tableDate = '2026-09-23';
const origin = {
  source: `@pydantic/genai-prices ${priceTable.split(':')[1]} of ${tableDate}`,
  createdBy: 'catalogue',
  createdAt: `${tableDate}T00:00:00.000Z`,
  endedBy: null,
};

/** Rates that we can apply, by the package's unit of price; dollars per million tokens, or per thousand requests. */
const buckets = new Map<string, { bucket: UsageBucket; unitsPerMillion: number }>([
  ['input_mtok', { bucket: 'inputUncached', unitsPerMillion: 1 }],
  ['cache_read_mtok', { bucket: 'cacheRead', unitsPerMillion: 1 }],
  ['cache_write_mtok', { bucket: 'cacheWrite5m', unitsPerMillion: 1 }],
  ['cache_write_1h_mtok', { bucket: 'cacheWrite1h', unitsPerMillion: 1 }],
  ['input_audio_mtok', { bucket: 'inputAudio', unitsPerMillion: 1 }],
  ['input_image_mtok', { bucket: 'inputImage', unitsPerMillion: 1 }],
  ['output_mtok', { bucket: 'outputText', unitsPerMillion: 1 }],
  ['output_reasoning_mtok', { bucket: 'reasoning', unitsPerMillion: 1 }],
  ['output_audio_mtok', { bucket: 'outputAudio', unitsPerMillion: 1 }],
  ['requests_kcount', { bucket: 'requests', unitsPerMillion: 1_000 }],
]);

/** Fees beside the tokens, and cached audio and images, which no usage report counts apart: left out of the cost. */
const ignored = new Set([
  'web_searches_kcount',
  'storage_searches_kcount',
  'social_searches_kcount',
  'code_executions_kcount',
  'cache_audio_read_mtok',
  'cache_image_read_mtok',
]);

/** Our own names, those of the GenAI conventions and of AI SDK, for the providers that the table names otherwise. */
const providerNames = new Map([
  ['bedrock', 'aws'],
  ['aws.bedrock', 'aws'],
  ['amazon-bedrock', 'aws'],
  ['azure.ai.openai', 'azure'],
  ['azure.ai.inference', 'azure'],
  ['azure-openai', 'azure'],
  ['gemini', 'google'],
  ['vertex', 'google'],
  ['gcp.gemini', 'google'],
  ['gcp.vertex_ai', 'google'],
  ['gcp.gen_ai', 'google'],
  ['google.generative-ai', 'google'],
  ['google.vertex', 'google'],
  ['mistral_ai', 'mistral'],
  ['moonshot_ai', 'moonshotai'],
  ['x_ai', 'x-ai'],
  ['xai', 'x-ai'],
  ['togetherai', 'together'],
]);

type Rate = NonNullable<ModelPrice[string]>;
type Package = Pick<typeof import('@pydantic/genai-prices'), 'calcPrice' | 'waitForUpdate'>;

/**
 * What vendors take off for calls that may wait: half. Only where a source says so: OpenAI's guide to flex, Microsoft's to
 * batch and flex, Google's to optimization, and for Anthropic a reading of its page on batches, caches included. What
 * Google takes for cached tokens of such calls is not found, so that it stays unknown.
 */
const halved: { providers: string[]; serviceTiers: string[]; unknown: UsageBucket[] }[] = [
  { providers: ['openai', 'azure'], serviceTiers: ['batch', 'flex'], unknown: [] },
  { providers: ['anthropic'], serviceTiers: ['batch'], unknown: [] },
  { providers: ['google'], serviceTiers: ['batch', 'flex'], unknown: ['cacheRead'] },
];

function halve(rates: Rates, unknown: UsageBucket[]): Rates {
  const entries = Object.entries(rates) as [UsageBucket, bigint][];
  // Rates are whole nano-dollars per million tokens: half of an odd one loses half of one in a million tokens.
  return Object.fromEntries(
    entries.flatMap(([bucket, rate]) => (unknown.includes(bucket) ? [] : [[bucket, rate / 2n]])),
  );
}

/** The row for calls of a service tier; null when the vendor's price for it is not known. */
function rowForTier(row: PriceRow, serviceTier: string | null): PriceRow | null {
  if (serviceTier === null) return row;
  const rule = halved.find(
    ({ providers, serviceTiers }) => providers.includes(row.provider) && serviceTiers.includes(serviceTier),
  );
  if (!rule) return null;
  return {
    ...row,
    id: `${row.id}+${serviceTier}`,
    unknown: rule.unknown,
    perMillion: halve(row.perMillion, rule.unknown),
    ...(row.tiers && {
      tiers: row.tiers.map((tier) => ({ ...tier, perMillion: halve(tier.perMillion, rule.unknown) })),
    }),
  };
}

function rateAt(rate: Rate, inputTokens: number): number {
  if (typeof rate === 'number') return rate;
  const tier = rate.tiers.filter(({ start }) => inputTokens > start).sort((a, b) => b.start - a.start)[0];
  return tier?.price ?? rate.base;
}

function ratesAt(prices: [string, Rate][], inputTokens: number): Rates {
  const rates: Rates = {};
  for (const [key, rate] of prices) {
    const unit = buckets.get(key);
    if (unit) rates[unit.bucket] = BigInt(Math.round(rateAt(rate, inputTokens) * unit.unitsPerMillion * 1e9));
  }
  return rates;
}

function conditionOf(condition: ConditionalPrice['constraint']): { suffix: string; validFrom: string | null } {
  if (condition === undefined) return { suffix: '', validFrom: null };
  if ('start_date' in condition) return { suffix: `@${condition.start_date}`, validFrom: condition.start_date };
  return { suffix: `@${condition.start_time}-${condition.end_time}`, validFrom: null };
}

/** The package's price as a row of ours; null when it has a rate that we cannot apply: no row rather than a wrong one. */
function rowOf(provider: string, model: ModelInfo, price: ModelPrice): PriceRow | null {
  const prices = Object.entries(price).flatMap(([key, rate]): [string, Rate][] =>
    rate === undefined || ignored.has(key) ? [] : [[key, rate]],
  );
  if (prices.length === 0 || prices.some(([key]) => !buckets.has(key))) return null;
  const starts = new Set(
    prices.flatMap(([, rate]) => (typeof rate === 'number' ? [] : rate.tiers.map(({ start }) => start))),
  );
  const { suffix, validFrom } = conditionOf(
    Array.isArray(model.prices)
      ? model.prices.find(({ prices: candidate }) => candidate === price)?.constraint
      : undefined,
  );
  return {
    id: `${priceTable}/${provider}/${model.id}${suffix}`,
    provider,
    model: model.id,
    validFrom,
    perMillion: ratesAt(prices, 0),
    ...(starts.size === 0
      ? {}
      : { tiers: [...starts].map((start) => ({ aboveInputTokens: start, perMillion: ratesAt(prices, start + 1) })) }),
  };
}

/** The provider by the name that the table and own prices have for it. */
export function canonicalProvider(name: string): string {
  const lower = name.trim().toLowerCase();
  return providerNames.get(lower) ?? lower;
}

export type CatalogueAsk = { provider: string; model: string; atMs: number; serviceTier: string | null };

export type Catalogue = {
  /** `dated`: another time may have another row. */
  find(ask: CatalogueAsk): { row: PriceRow | null; dated: boolean };
  /** Whether its vendor calls a model deprecated; false: not, or nobody knows it. */
  isDeprecated(ask: Pick<CatalogueAsk, 'provider' | 'model'>): boolean;
  /** Every row, by provider and model. */
  list(): Promise<Price[]>;
};

/** The price rows that ship with Wheelhouse. The package is loaded at the first call: some 30 ms that a start need not wait for. */
export function openCatalogue(): Catalogue {
  let loaded: Package | null = null;
  const load = () => {
    loaded ??= createRequire(import.meta.url)('@pydantic/genai-prices') as Package;
    return loaded;
  };
  return {
    find({ provider, model, atMs, serviceTier }) {
      const providerId = canonicalProvider(provider);
      const timestamp = new Date(atMs);
      if (Number.isNaN(timestamp.getTime())) return { row: null, dated: true };
      const found = load().calcPrice({}, model, { providerId, timestamp });
      // The package also matches providers by a part of their name; a proxy called after a vendor has its own prices.
      if (found === null || found.provider.id !== providerId) return { row: null, dated: false };
      const row = rowOf(found.provider.id, found.model, found.model_price);
      return { row: row && rowForTier(row, serviceTier), dated: Array.isArray(found.model.prices) };
    },
    isDeprecated({ provider, model }) {
      const providerId = canonicalProvider(provider);
      const found = load().calcPrice({}, model, { providerId });
      return found !== null && found.provider.id === providerId && found.model.deprecated === true;
    },
    async list() {
      // Without an update this is the data that the package came with.
      const providers = (await load().waitForUpdate()) ?? [];
      return providers.flatMap((provider) =>
        provider.models.flatMap((model) => {
          const prices = Array.isArray(model.prices) ? model.prices.map(({ prices: price }) => price) : [model.prices];
          return prices.flatMap((price): Price[] => {
            const row = rowOf(provider.id, model, price);
            return row ? [{ ...row, ...origin, serviceTier: null, validUntil: null }] : [];
          });
        }),
      );
    },
  };
}
