import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Client, RequestBody, ScoringBody } from '@wheelhouse/sdk';

export const isScoring = ({ status }: ScoringBody): boolean => status === 'queued' || status === 'running';

const pollMs = 1_000;

/** What was asked to be scored, newest first; looked at again while one of them is under way. */
export const scoringsQuery = (client: Client) =>
  infiniteQueryOptions({
    queryKey: ['scorings'],
    queryFn: ({ pageParam, signal }) =>
      client.call('listScorings', {
        query: { limit: 50, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: ({ state }) => (state.data?.pages.some(({ data }) => data.some(isScoring)) ? pollMs : false),
  });

/** How many there are, and what judges would cost; the same body starts it. */
export const scoringEstimateQuery = (client: Client, body: RequestBody<'createScoring'>) =>
  queryOptions({
    queryKey: ['scoring-estimate', body],
    queryFn: ({ signal }) => client.call('estimateScoring', { body, signal }),
    placeholderData: keepPreviousData,
    retry: false,
  });
