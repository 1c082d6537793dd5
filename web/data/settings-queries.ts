import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Client } from '@wheelhouse/sdk';

type Page = { next: string | null };
const byCursor = {
  initialPageParam: null as string | null,
  getNextPageParam: (page: Page) => page.next,
};
const at = (cursor: string | null) => (cursor === null ? {} : { cursor });

const lookAgainMs = 5_000;

/** Read again while it is looked at: it is about what happens now. */
export const ledgerQuery = (client: Client) =>
  queryOptions({
    queryKey: ['ledger'],
    queryFn: ({ signal }) => client.call('getLedger', { signal }),
    refetchInterval: lookAgainMs,
  });

export const deadLettersQuery = (client: Client, source: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ['dead-letters', source ?? ''],
    queryFn: ({ pageParam, signal }) =>
      client.call('listDeadLetters', {
        query: { limit: 50, ...(source === undefined ? {} : { source }), ...at(pageParam) },
        signal,
      }),
    ...byCursor,
  });

export const deadLetterQuery = (client: Client, letterId: string) =>
  queryOptions({
    queryKey: ['dead-letter', letterId],
    queryFn: ({ signal }) => client.call('getDeadLetter', { params: { letterId }, signal }),
  });

export type PriceSearch = { model?: string | undefined; origin?: 'own' | 'catalogue' | undefined };

export const pricesQuery = (client: Client, search: PriceSearch) =>
  infiniteQueryOptions({
    queryKey: ['prices', search],
    queryFn: ({ pageParam, signal }) => {
      const given = Object.fromEntries(Object.entries(search).filter(([, value]) => value));
      return client.call('listPrices', { query: { limit: 30, ...given, ...at(pageParam) }, signal });
    },
    ...byCursor,
  });

export const repricingsQuery = (client: Client) =>
  queryOptions({
    queryKey: ['repricings'],
    queryFn: async ({ signal }) => (await client.call('listRepricings', { query: { limit: 10 }, signal })).data,
    refetchInterval: (query) =>
      query.state.data?.some((one) => one.status === 'queued' || one.status === 'running') ? 1000 : false,
  });
