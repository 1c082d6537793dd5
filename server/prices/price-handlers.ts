import type { Handlers, PriceBody, RequestBody } from '@wheelhouse/core/contract';
import type { Clock, PriceStore, Random } from '@wheelhouse/core/ports';
import { idRandomBytes, nanosToMs, newId, type Price, type Rates, WheelhouseError } from '@wheelhouse/core/records';
import { type Catalogue, canonicalProvider } from './genai-prices.ts';

export type PriceHandlerDeps = {
  store: PriceStore;
  catalogue: Catalogue;
  /** Before a change is answered, whoever prices calls knows it. */
  changed(): Promise<void>;
  clock: Clock;
  random: Random;
};

const printRates = (rates: Rates): Record<string, string> =>
  Object.fromEntries(Object.entries(rates).map(([bucket, rate]) => [bucket, String(rate)]));

function toBody(price: Price, origin: PriceBody['origin']): PriceBody {
  const { perMillion, tiers = [], ...rest } = price;
  return {
    ...rest,
    origin,
    perMillion: printRates(perMillion),
    tiers: tiers.map((tier) => ({ ...tier, perMillion: printRates(tier.perMillion) })),
  };
}

/** Exact: nano-dollars of a decimal text with at most nine digits after its point. */
function nanosOf(dollars: string): bigint {
  const [whole = '0', fraction = ''] = dollars.split('.');
  return BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}

const readRates = (rates: Record<string, string>): Rates =>
  Object.fromEntries(Object.entries(rates).map(([bucket, dollars]) => [bucket, nanosOf(dollars)]));

type Ids = 'listPrices' | 'createPrice' | 'endPrice';
export type NewPriceBody = RequestBody<'createPrice'>;

/** A project's own prices beside those of the catalogue. */
export function createPriceHandlers(deps: PriceHandlerDeps): Handlers<Ids> {
  let listed: Promise<PriceBody[]> | null = null;
  /** It does not change while the server runs. */
  const catalogue = () => {
    listed ??= deps.catalogue.list().then((prices) => prices.map((price) => toBody(price, 'catalogue')));
    return listed;
  };
  const nowMs = () => nanosToMs(deps.clock.now());

  return {
    async listPrices({ by, query: { limit, cursor, provider, model, origin } }) {
      const own = origin === 'catalogue' ? [] : await deps.store.list(by.project);
      const all = [...own.map((price) => toBody(price, 'own')), ...(origin === 'own' ? [] : await catalogue())].filter(
        (price) =>
          (provider === undefined || canonicalProvider(price.provider) === canonicalProvider(provider)) &&
          (model === undefined || price.model.toLowerCase().includes(model.toLowerCase())),
      );
      const start = cursor === undefined ? 0 : all.findIndex(({ id }) => id === cursor) + 1;
      if (cursor !== undefined && start === 0)
        throw new WheelhouseError('invalid_request', `\`${cursor}\` is no place in the list of prices.`, {
          param: 'cursor',
        });
      const data = all.slice(start, start + limit);
      return { data, next: start + limit < all.length ? (data.at(-1)?.id ?? null) : null };
    },

    async createPrice({ by, body }) {
      const { provider, model, serviceTier, validFrom, usdPerMillion, tiers, source } = body;
      const thresholds = new Set(tiers.map(({ aboveInputTokens }) => aboveInputTokens));
      if (thresholds.size < tiers.length)
        throw new WheelhouseError('invalid_request', 'Two tiers begin above the same number of tokens.', {
          param: 'tiers',
        });
      const price = await deps.store.create(by, {
        id: newId('price', nowMs(), deps.random.bytes(idRandomBytes)),
        provider: canonicalProvider(provider),
        model,
        serviceTier: serviceTier?.toLowerCase() ?? null,
        validFrom: validFrom ?? new Date(nowMs()).toISOString(),
        perMillion: readRates(usdPerMillion),
        ...(tiers.length > 0 && {
          tiers: tiers.map((tier) => ({
            aboveInputTokens: tier.aboveInputTokens,
            perMillion: readRates(tier.usdPerMillion),
          })),
        }),
        source,
      });
      await deps.changed();
      return toBody(price, 'own');
    },

    async endPrice({ by, params, body: { at } }) {
      const price = await deps.store.end(by, params.priceId, at ?? new Date(nowMs()).toISOString());
      await deps.changed();
      return toBody(price, 'own');
    },
  };
}
