import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Client, OptimizationRowBody, RequestBody } from '@wheelhouse/sdk';

export type OptimizationSearch = { program?: string; dataset?: string; state?: OptimizationRowBody['state'] };

/** @param isWanted whether they are to be read at all */
export const optimizationsQuery = (client: Client, search: OptimizationSearch = {}, isWanted = true) =>
  infiniteQueryOptions({
    queryKey: ['optimizations', search],
    queryFn: ({ pageParam, signal }) =>
      client.call('listOptimizations', {
        query: { ...search, limit: 50, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    enabled: isWanted,
  });

export const optimizationQuery = (client: Client, optimizationId: string) =>
  queryOptions({
    queryKey: ['optimization', optimizationId],
    queryFn: ({ signal }) => client.call('getOptimization', { params: { optimizationId }, signal }),
  });

/** What is tuned in a candidate; that never changes. */
export const candidateQuery = (client: Client, optimizationId: string, candidateId: string) =>
  queryOptions({
    queryKey: ['optimization', optimizationId, 'candidate', candidateId],
    queryFn: ({ signal }) =>
      client.call('getOptimizationCandidate', { params: { optimizationId, candidateId }, signal }),
    retry: false,
  });

/** What it would run on and come to; the same body starts it. */
export const optimizationEstimateQuery = (client: Client, body: RequestBody<'createOptimization'>) =>
  queryOptions({
    queryKey: ['optimization-estimate', body],
    queryFn: ({ signal }) => client.call('estimateOptimization', { body, signal }),
    placeholderData: keepPreviousData,
    retry: false,
  });
