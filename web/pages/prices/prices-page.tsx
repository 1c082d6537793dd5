import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { usageBuckets } from '@wheelhouse/core/records';
import type { PriceBody } from '@wheelhouse/sdk';
import { Plus } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { bucketNames } from '../../data/bucket-names.ts';
import { useData } from '../../data/data-context.tsx';
import { dateTime, usd } from '../../data/format.ts';
import { type PriceSearch, pricesQuery } from '../../data/settings-queries.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { May } from '../../parts/may.tsx';
import { Pill } from '../../parts/pill.tsx';
import { QueryState } from '../../parts/request-state.tsx';
import { SettingsHeader } from '../../parts/settings-frame.tsx';
import { EndPrice, NewPrice } from './price-forms.tsx';
import { Reconcile } from './reconcile.tsx';
import { Repricing } from './repricing.tsx';

const route = getRouteApi('/prices');
const settleMs = 250;

function Rates({ price }: { price: PriceBody }) {
  const given = usageBuckets.flatMap((bucket) => {
    const rate = price.perMillion[bucket];
    return rate === undefined ? [] : [{ bucket, rate }];
  });
  return (
    <span className="flex flex-wrap gap-x-3">
      {given.map(({ bucket, rate }) => (
        <span key={bucket} className="whitespace-nowrap">
          <span className="text-text-3">{bucketNames[bucket]} </span>
          <span className="mono">{usd(rate)}</span>
        </span>
      ))}
      {price.tiers.length > 0 && (
        <span
          className="whitespace-nowrap text-text-3"
          title={price.tiers.map((tier) => `above ${tier.aboveInputTokens} input tokens`).join(', ')}
        >
          + {price.tiers.length} for long input
        </span>
      )}
    </span>
  );
}

const since = (price: PriceBody) => {
  if (price.validFrom === null && price.validUntil === null) return 'always';
  const from = price.validFrom === null ? '' : `from ${dateTime(price.validFrom)}`;
  return `${from}${price.validUntil === null ? '' : ` until ${dateTime(price.validUntil)}`}`;
};

const cells = (price: PriceBody, onEnd: (price: PriceBody) => void) => [
  <span key="model" className="mono">
    {price.provider}/{price.model}
    {price.serviceTier !== null && <Pill tone="mute">{price.serviceTier}</Pill>}
  </span>,
  <Rates key="rates" price={price} />,
  <span key="since" className="text-text-2">
    {since(price)}
  </span>,
  <span key="source" className="block max-w-44 truncate text-text-2" title={`${price.source}, ${price.id}`}>
    {price.origin === 'own' ? (
      <>
        <Pill tone="accent">own</Pill> {price.source || price.createdBy}
      </>
    ) : (
      price.source
    )}
  </span>,
  price.origin === 'own' && price.validUntil === null ? (
    <May key="end" call="endPrice">
      <button type="button" className="btn !min-h-6" onClick={() => onEnd(price)}>
        End
      </button>
    </May>
  ) : (
    ''
  ),
];

function SearchBox({ model, onChange }: { model: string; onChange: (model: string) => void }) {
  const [text, setText] = useState(model);
  useEffect(() => setText(model), [model]);
  useEffect(() => {
    if (text === model) return;
    const timer = setTimeout(() => onChange(text), settleMs);
    return () => clearTimeout(timer);
  }, [text, model, onChange]);
  return (
    <input
      type="search"
      aria-label="Find a model"
      placeholder="Find a model"
      className="field !w-56"
      value={text}
      onChange={(event) => setText(event.target.value)}
    />
  );
}

function PriceList({ search, onChange }: { search: PriceSearch; onChange: (search: PriceSearch) => void }) {
  const { client } = useData();
  const [open, setOpen] = useState<'new' | PriceBody | null>(null);
  const query = useInfiniteQuery(pricesQuery(client, search));
  const prices = query.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <section aria-label="Prices" className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <div className="basis-full">
          <h2 className="text-lg font-semibold">Prices</h2>
          <p className="text-text-2">
            Dollars per million tokens. An own price wins over the catalogue; each call keeps the id of the price that
            made its cost.
          </p>
        </div>
        <SearchBox
          model={search.model ?? ''}
          onChange={(model) => onChange({ ...search, model: model === '' ? undefined : model })}
        />
        <select
          aria-label="Origin"
          className="field !w-auto"
          value={search.origin ?? ''}
          onChange={(event) =>
            onChange({ ...search, origin: (event.target.value || undefined) as PriceSearch['origin'] })
          }
        >
          <option value="">own and catalogue</option>
          <option value="own">own</option>
          <option value="catalogue">catalogue</option>
        </select>
        <May call="createPrice">
          <button type="button" className="btn btn-primary ml-auto" onClick={() => setOpen('new')}>
            <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
            Set a price
          </button>
        </May>
      </div>
      <QueryState query={query} what="prices" />
      {query.isSuccess && prices.length === 0 && <p className="text-text-3">No price fits.</p>}
      {prices.length > 0 && (
        <div className="card overflow-x-auto [&>section]:border-b-0">
          <DataTable
            label="All that fit"
            heads={['Model', 'Per million', 'Valid', 'From where', 'Change']}
            rows={prices.map((price) => ({ key: price.id, cells: cells(price, setOpen) }))}
          />
        </div>
      )}
      {query.hasNextPage && (
        <div>
          <button type="button" className="btn" onClick={() => void query.fetchNextPage()}>
            Show more
          </button>
        </div>
      )}
      {open === 'new' && <NewPrice onClose={() => setOpen(null)} />}
      {open !== null && open !== 'new' && <EndPrice price={open} onClose={() => setOpen(null)} />}
    </section>
  );
}

/** What calls cost: the prices, pricing a time again, and a provider's bill beside our figures. */
export function PricesPage(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate();
  const change = (next: PriceSearch) => {
    const filled = Object.fromEntries(Object.entries(next).filter(([, value]) => value)) as PriceSearch;
    void navigate({ to: '/prices', search: filled, replace: true });
  };
  return (
    <>
      <SettingsHeader title="Prices" />
      <div className="mx-auto flex w-full max-w-[1080px] flex-col gap-8 p-4 pb-12">
        <PriceList search={search} onChange={change} />
        <Repricing />
        <Reconcile />
      </div>
    </>
  );
}
