import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Client, ReplayInputBody, RequestBody } from '@wheelhouse/sdk';

/** How often one is read again that is not settled. */
const pollMs = 1_500;

/** Newest first. */
export const replaysQuery = (client: Client, search: { model?: string } = {}) =>
  infiniteQueryOptions({
    queryKey: ['evaluations', 'replays', search],
    queryFn: ({ pageParam, signal }) =>
      client.call('listReplays', {
        query: { ...search, limit: 50, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });

export const replayQuery = (client: Client, replayId: string) =>
  queryOptions({
    queryKey: ['replay', replayId],
    queryFn: ({ signal }) => client.call('getReplay', { params: { replayId }, signal }),
    refetchInterval: ({ state }) => (state.data === undefined || state.data.isSettled ? false : pollMs),
  });

export type ReplayKind = ReplayInputBody['kind'] | 'tools';

/** @param inputs how many are answered: with more, they are read again */
export const replayInputsQuery = (
  client: Client,
  { replayId, kind, inputs }: { replayId: string; kind: ReplayKind | undefined; inputs: string },
) =>
  infiniteQueryOptions({
    queryKey: ['replay-inputs', replayId, kind ?? 'all', inputs],
    queryFn: ({ pageParam, signal }) =>
      client.call('listReplayInputs', {
        params: { replayId },
        query: {
          limit: 20,
          ...(kind === undefined ? {} : { kind }),
          ...(pageParam === null ? {} : { cursor: pageParam }),
        },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });

export const replayEstimateQuery = (client: Client, body: RequestBody<'estimateReplay'>) =>
  queryOptions({
    queryKey: ['replay-estimate', body],
    queryFn: ({ signal }) => client.call('estimateReplay', { body, signal }),
    placeholderData: keepPreviousData,
    retry: false,
  });
