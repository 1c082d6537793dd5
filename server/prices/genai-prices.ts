import { createRequire } from 'node:module';
import type { ConditionalPrice, ModelPrice, PriceCalculation } from '@pydantic/genai-prices';
import type { PriceRow, UsageBucket } from '@wheelhouse/core/records';

/** The package's version, part of each row's id, so that a cost names the table that made it. */
export const priceTable = 'genai-prices:0.1.8';

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

/** Names of the GenAI conventions and of AI SDK for the providers that the table names otherwise. */
const providerNames = new Map([
  ['aws.bedrock', 'aws'],
  ['amazon-bedrock', 'aws'],
  ['azure.ai.openai', 'azure'],
  ['azure.ai.inference', 'azure'],
  ['azure-openai', 'azure'],
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
type CalcPrice = typeof import('@pydantic/genai-prices').calcPrice;

function rateAt(rate: Rate, inputTokens: number): number {
  if (typeof rate === 'number') return rate;
  const tier = rate.tiers.filter(({ start }) => inputTokens > start).sort((a, b) => b.start - a.start)[0];
  return tier?.price ?? rate.base;
}

function ratesAt(prices: [string, Rate][], inputTokens: number): PriceRow['perMillion'] {
  const rates: PriceRow['perMillion'] = {};
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
function rowOf(found: PriceCalculation): PriceRow | null {
  const prices = Object.entries(found.model_price).flatMap(([key, rate]): [string, Rate][] =>
    rate === undefined || ignored.has(key) ? [] : [[key, rate]],
  );
  if (prices.length === 0 || prices.some(([key]) => !buckets.has(key))) return null;
  const starts = new Set(
    prices.flatMap(([, rate]) => (typeof rate === 'number' ? [] : rate.tiers.map(({ start }) => start))),
  );
  const { suffix, validFrom } = conditionOf(
    Array.isArray(found.model.prices)
      ? found.model.prices.find(({ prices: candidate }) => candidate === found.model_price)?.constraint
      : undefined,
  );
  return {
    id: `${priceTable}/${found.provider.id}/${found.model.id}${suffix}`,
    provider: found.provider.id,
    model: found.model.id,
    validFrom,
    perMillion: ratesAt(prices, 0),
    ...(starts.size === 0
      ? {}
      : { tiers: [...starts].map((start) => ({ aboveInputTokens: start, perMillion: ratesAt(prices, start + 1) })) }),
  };
}

/** Looks a price up in the package, which is loaded at the first call: some 30 ms that a start need not wait for. */
export function createPriceTable(): (
  provider: string,
  model: string,
  atMs: number,
) => { row: PriceRow | null; dated: boolean } {
  let calcPrice: CalcPrice | null = null;
  return (provider, model, atMs) => {
    calcPrice ??= (createRequire(import.meta.url)('@pydantic/genai-prices') as { calcPrice: CalcPrice }).calcPrice;
    const name = provider.toLowerCase();
    const providerId = providerNames.get(name) ?? name;
    const timestamp = new Date(atMs);
    if (Number.isNaN(timestamp.getTime())) return { row: null, dated: false };
    const found = calcPrice({}, model, { providerId, timestamp });
    // The package also matches providers by a part of their name; a proxy called after a vendor has its own prices.
    if (found === null || found.provider.id !== providerId) return { row: null, dated: false };
    return { row: rowOf(found), dated: Array.isArray(found.model.prices) };
  };
}
