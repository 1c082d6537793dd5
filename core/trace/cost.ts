import {
  type Cost,
  inputTokens,
  type NanoUsd,
  type PriceRow,
  type Rates,
  type Usage,
  type UsageBucket,
  usageBuckets,
} from '../records/index.ts';

/**
 * Whose rate a bucket takes when the row has none of its own, as vendors bill: reasoning as output, cached and image
 * input as input, the long-lived cache write as the short one. Audio has no stand-in: it costs several times text.
 */
const standIn: Partial<Record<UsageBucket, UsageBucket>> = {
  cacheRead: 'inputUncached',
  cacheWrite5m: 'inputUncached',
  cacheWrite1h: 'cacheWrite5m',
  inputImage: 'inputUncached',
  reasoning: 'outputText',
};

function rateOf(rates: Rates, bucket: UsageBucket): bigint | null {
  for (let at: UsageBucket | undefined = bucket; at !== undefined; at = standIn[at]) {
    const rate = rates[at];
    if (rate !== undefined) return rate;
  }
  // A vendor that does not charge a fee per call lists none.
  return bucket === 'requests' ? 0n : null;
}

function ratesFor(row: PriceRow, tokens: number): Rates {
  let rates = row.perMillion;
  let above = -1;
  for (const tier of row.tiers ?? [])
    if (tokens > tier.aboveInputTokens && tier.aboveInputTokens > above) {
      rates = tier.perMillion;
      above = tier.aboveInputTokens;
    }
  return rates;
}

const million = 1_000_000n;

/** @param see told of each used bucket what it costs, in millionths of a nano-dollar; null: nobody asks */
function totalOf(
  usage: Usage,
  row: PriceRow,
  see: ((bucket: UsageBucket, product: bigint) => void) | null,
): NanoUsd | null {
  const rates = row.tiers ? ratesFor(row, inputTokens(usage)) : row.perMillion;
  let exact = 0n;
  for (const bucket of usageBuckets) {
    const count = Math.round(usage.counts[bucket] ?? 0);
    if (!(count > 0)) continue;
    const rate = row.unknown?.includes(bucket) ? null : rateOf(rates, bucket);
    if (rate === null) return null;
    if (rate === 0n) continue;
    const product = BigInt(count) * rate;
    exact += product;
    see?.(bucket, product);
  }
  return (exact + million / 2n) / million;
}

/** The total of {@link costOf} alone, which is what each call that a budget counts asks for. */
export const totalCostOf = (usage: Usage, row: PriceRow): NanoUsd | null => totalOf(usage, row, null);

/**
 * What the usage costs by the row, in nano-dollars: the exact sum rounded once, half up; the buckets add up to it (those
 * with the largest remainders get the last nano-dollars). null when a used bucket has no rate: unknown is never 0.
 */
export function costOf(usage: Usage, row: PriceRow): Cost | null {
  const parts: { bucket: UsageBucket; nano: NanoUsd; rest: bigint }[] = [];
  const total = totalOf(usage, row, (bucket, product) => {
    if (product > 0n) parts.push({ bucket, nano: product / million, rest: product % million });
  });
  if (total === null) return null;
  let missing = total - parts.reduce((sum, part) => sum + part.nano, 0n);
  const byRest = [...parts].sort((a, b) => (a.rest === b.rest ? 0 : a.rest > b.rest ? -1 : 1));
  for (const part of byRest) {
    if (missing === 0n) break;
    part.nano += 1n;
    missing -= 1n;
  }
  return {
    totalNanoUsd: total,
    byBucket: Object.fromEntries(parts.map((part) => [part.bucket, part.nano])),
    priceId: row.id,
  };
}
