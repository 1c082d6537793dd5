import type { PriceReader } from '@wheelhouse/core/ports';
import type { PriceRow } from '@wheelhouse/core/records';
import { createPriceTable } from './genai-prices.ts';

/** Model names come from outside; beyond this many the cache starts anew. */
const cacheLimit = 10_000;

/**
 * Prices from memory: own rows first, the newest that is in force, then the table that ships with Wheelhouse. Prices
 * that change by date or time of day are those of the asked moment.
 * @param extra rows for exactly this provider and model
 */
export function createPriceReader(extra: PriceRow[] = []): PriceReader {
  const own = new Map<string, PriceRow[]>();
  const key = (provider: string, model: string) => `${provider}\n${model}`;
  for (const row of extra)
    own.set(key(row.provider, row.model), [...(own.get(key(row.provider, row.model)) ?? []), row]);
  const table = createPriceTable();
  const cache = new Map<string, PriceRow | null>();

  return {
    find(provider, model, atMs) {
      const name = key(provider, model);
      const rows = own.get(name);
      if (rows) {
        const inForce = rows.filter((row) => row.validFrom === null || Date.parse(row.validFrom) <= atMs);
        return inForce.sort((a, b) => (b.validFrom ?? '').localeCompare(a.validFrom ?? ''))[0] ?? null;
      }
      const cached = cache.get(name);
      if (cached !== undefined) return cached;
      const { row, dated } = table(provider, model, atMs);
      if (!dated) {
        if (cache.size >= cacheLimit) cache.clear();
        cache.set(name, row);
      }
      return row;
    },
  };
}
