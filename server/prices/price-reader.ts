import type { PriceReader, PriceStore } from '@wheelhouse/core/ports';
import type { Price, PriceRow, ProjectId } from '@wheelhouse/core/records';
import { type Catalogue, canonicalProvider } from './genai-prices.ts';

export type PriceReaderDeps = {
  store: Pick<PriceStore, 'list'>;
  projects(): readonly ProjectId[];
  catalogue: Catalogue;
  /** Rows for exactly this provider and model, of every service tier. */
  builtIn?: PriceRow[];
};

export type LivePrices = PriceReader & {
  /** Reads the projects' own prices again; concurrent calls share one read that starts after each of them. */
  refresh(): Promise<void>;
  /** The projects' own as they were read last. */
  own(): [ProjectId, Price[]][];
  /** Is called after each reading. */
  onRefresh(listener: () => void): void;
};

/** Model names come from outside; beyond this many the cache starts anew. */
const cacheLimit = 10_000;

/** How well a name fits: Infinity when it is the name itself, else the length of what stands before the `*`; -1: not. */
function fit(pattern: string, name: string): number {
  if (!pattern.endsWith('*')) return pattern === name ? Number.POSITIVE_INFINITY : -1;
  return name.startsWith(pattern.slice(0, -1)) ? pattern.length : -1;
}

const startMs = ({ validFrom }: Price) => (validFrom === null ? Number.NEGATIVE_INFINITY : Date.parse(validFrom));
const inForce = (price: Price, atMs: number) =>
  startMs(price) <= atMs && (price.validUntil === null || atMs < Date.parse(price.validUntil));

/** Of those in force the one that fits best, then the one that began last, then the one that was set last. */
function bestOf(prices: Price[], model: string, atMs: number): Price | null {
  let best: { price: Price; fit: number } | null = null;
  // The newest come first.
  for (const price of prices) {
    const how = fit(price.model.toLowerCase(), model);
    if (how < 0 || !inForce(price, atMs)) continue;
    if (best === null || how > best.fit || (how === best.fit && startMs(price) > startMs(best.price)))
      best = { price, fit: how };
  }
  return best?.price ?? null;
}

/**
 * Prices from memory: a project's own first, whichever name of the call they fit, then the table that ships with
 * Wheelhouse. Prices that change by date or time of day are those of the asked moment.
 */
export function createPriceReader(deps: PriceReaderDeps): LivePrices {
  const builtIn = new Map((deps.builtIn ?? []).map((row) => [`${row.provider}\n${row.model}`, row]));
  const cache = new Map<string, PriceRow | null>();
  let own = new Map<ProjectId, Map<string, Price[]>>();
  let lists: [ProjectId, Price[]][] = [];
  let refreshed = () => {};
  let queue: Promise<void> = Promise.resolve();

  const keyOf = (provider: string, serviceTier: string | null) =>
    `${canonicalProvider(provider)}\n${serviceTier?.toLowerCase() ?? ''}`;

  async function read(): Promise<void> {
    const next = new Map<ProjectId, Map<string, Price[]>>();
    const read: typeof lists = [];
    for (const project of deps.projects()) {
      const prices = new Map<string, Price[]>();
      const list = await deps.store.list(project);
      if (list.length > 0) read.push([project, list]);
      for (const price of list) {
        const key = keyOf(price.provider, price.serviceTier);
        prices.set(key, [...(prices.get(key) ?? []), price]);
      }
      if (prices.size > 0) next.set(project, prices);
    }
    own = next;
    lists = read;
    refreshed();
  }

  function fromTable(provider: string, model: string, atMs: number, serviceTier: string | null): PriceRow | null {
    const key = `${provider}\n${model}\n${serviceTier ?? ''}`;
    const cached = cache.get(key);
    if (cached !== undefined) return cached;
    const { row, dated } = deps.catalogue.find({ provider, model, atMs, serviceTier });
    if (!dated) {
      if (cache.size >= cacheLimit) cache.clear();
      cache.set(key, row);
    }
    return row;
  }

  return {
    find({ project, provider, models, atMs, serviceTier }) {
      const prices = own.get(project)?.get(keyOf(provider, serviceTier));
      for (const model of prices ? models : []) {
        const price = bestOf(prices ?? [], model.toLowerCase(), atMs);
        if (price) return price;
      }
      for (const model of models) {
        const row = builtIn.get(`${provider}\n${model}`) ?? fromTable(provider, model, atMs, serviceTier);
        if (row) return row;
      }
      return null;
    },
    own: () => lists,
    onRefresh(listener) {
      refreshed = listener;
    },
    refresh() {
      const next = queue.then(read);
      queue = next.catch(() => {});
      return next;
    },
  };
}
