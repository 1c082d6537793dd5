import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { TextField } from '@wheelhouse/core/records';
import type { Client, RequestQuery } from '@wheelhouse/sdk';

type Page = { next: string | null };
const byCursor = {
  initialPageParam: null as string | null,
  getNextPageParam: (page: Page) => page.next,
};
const at = (cursor: string | null) => (cursor === null ? {} : { cursor });

export const tracesQuery = (client: Client, q: string) =>
  infiniteQueryOptions({
    queryKey: ['traces', q],
    queryFn: ({ pageParam, signal }) =>
      client.call('listTraces', { query: { q, limit: 100, ...at(pageParam) }, signal }),
    ...byCursor,
  });

/** Counts of values; what was counted before stays in sight until the new counts are there. */
export const facetsQuery = (client: Client, options: { q: string; fields: readonly TextField[]; limit?: number }) =>
  queryOptions({
    queryKey: ['facets', options],
    queryFn: ({ signal }) =>
      client.call('listFacets', {
        query: { q: options.q, fields: options.fields.join(','), limit: options.limit ?? 8 },
        signal,
      }),
    placeholderData: keepPreviousData,
    staleTime: 15_000,
  });

export const sessionsQuery = (client: Client, q: string) =>
  infiniteQueryOptions({
    queryKey: ['sessions', q],
    queryFn: ({ pageParam, signal }) =>
      client.call('listSessions', { query: { q, limit: 50, ...at(pageParam) }, signal }),
    ...byCursor,
  });

export const sessionQuery = (client: Client, sessionId: string) =>
  infiniteQueryOptions({
    queryKey: ['session', sessionId],
    queryFn: ({ pageParam, signal }) =>
      client.call('getSession', { params: { sessionId }, query: { limit: 20, ...at(pageParam) }, signal }),
    ...byCursor,
  });

export const usersQuery = (client: Client, q: string) =>
  infiniteQueryOptions({
    queryKey: ['users', q],
    queryFn: ({ pageParam, signal }) => client.call('listUsers', { query: { q, limit: 50, ...at(pageParam) }, signal }),
    ...byCursor,
  });

export const viewsQuery = (client: Client) =>
  queryOptions({
    queryKey: ['views'],
    queryFn: async ({ signal }) => (await client.call('listViews', { signal })).data,
  });

/** Names of the scores that were given last. */
export const scoreNamesQuery = (client: Client) =>
  queryOptions({
    queryKey: ['score-names'],
    queryFn: async ({ signal }) => {
      const { data } = await client.call('listScores', { query: { limit: 500 }, signal });
      return [...new Set(data.map((score) => score.name))].sort();
    },
    staleTime: 30_000,
  });

/** What needs somebody's attention, as it was a minute ago at most; what could not be read is tried again soon. */
export const attentionQuery = (client: Client, last: '1h' | '6h' | '24h' | '7d' | '30d') =>
  queryOptions({
    queryKey: ['attention', last],
    queryFn: ({ signal }) => client.call('getAttention', { query: { last }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.unread.length ? 5_000 : 60_000),
    staleTime: 10_000,
  });

export type SeriesSearch = NonNullable<RequestQuery<'getSeries'>>;

export const seriesQuery = (client: Client, search: SeriesSearch) =>
  queryOptions({
    queryKey: ['series', search],
    queryFn: ({ signal }) => client.call('getSeries', { query: search, signal }),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });
