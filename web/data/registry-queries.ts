import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Client, RequestQuery } from '@wheelhouse/sdk';
import { type Definition, tidied } from './definitions.ts';

/** What a definition takes, by what its templates read. */
export const draftQuery = (client: Client, definition: Definition) =>
  queryOptions({
    queryKey: ['draft', JSON.stringify(definition)],
    queryFn: async ({ signal }) =>
      (await client.call('readDraft', { body: { definition: tidied(definition) }, signal })).signature,
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 10_000,
  });

/** What a trace that just ended cost, once it is stored; null: no price is known. */
export const costOfTraceQuery = (client: Client, traceId: string) =>
  queryOptions({
    queryKey: ['trace-cost', traceId],
    queryFn: async ({ signal }) => {
      const { data } = await client.call('listTraces', { query: { q: `trace:${traceId}`, limit: 1 }, signal });
      const [found] = data;
      if (!found || found.endNs === null) throw new Error('It is not stored yet.');
      return found.costNanoUsd;
    },
    retry: 10,
    retryDelay: 400,
    staleTime: Number.POSITIVE_INFINITY,
  });

/** As many names as one request for their figures takes. */
const modelsPerPage = 90;

/** Models that fit, a page at a time. */
export const modelPagesQuery = (client: Client, search: Pick<RequestQuery<'listModels'>, 'q' | 'tag' | 'owner'>) =>
  infiniteQueryOptions({
    queryKey: ['model-pages', search],
    queryFn: ({ pageParam, signal }) =>
      client.call('listModels', {
        query: { ...search, limit: modelsPerPage, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });

/** What versions did in the last hours. */
export const modelUseQuery = (client: Client, names: readonly string[], hours: number) =>
  queryOptions({
    queryKey: ['model-use', names.join(','), hours],
    queryFn: ({ signal }) => client.call('listModelUse', { query: { models: names.join(','), hours }, signal }),
    placeholderData: keepPreviousData,
  });

export const diffQuery = (client: Client, name: string, { from, to }: { from: number; to: number }) =>
  queryOptions({
    queryKey: ['version-diff', name, from, to],
    queryFn: ({ signal }) =>
      client.call('diffVersions', { params: { name }, query: { from: String(from), to: String(to) }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const aliasRulesQuery = (client: Client) =>
  queryOptions({
    queryKey: ['alias-rules'],
    queryFn: async ({ signal }) => (await client.call('listAliasRules', { signal })).data,
  });

export const aliasRequestsQuery = (client: Client, model: string) =>
  queryOptions({
    queryKey: ['alias-requests', model],
    queryFn: async ({ signal }) =>
      (await client.call('listAliasRequests', { query: { model, limit: 50 }, signal })).data,
  });

export const aliasRequestQuery = (client: Client, requestId: string) =>
  queryOptions({
    queryKey: ['alias-request', requestId],
    queryFn: ({ signal }) => client.call('getAliasRequest', { params: { requestId }, signal }),
  });

export const lineageQuery = (client: Client, of: string) =>
  queryOptions({
    queryKey: ['lineage', of],
    queryFn: ({ signal }) => client.call('getLineage', { query: { of, depth: 4 }, signal }),
  });

/** So many of the newest. */
export const commentsAtOnce = 100;

export const commentsQuery = (client: Client, on: string) =>
  queryOptions({
    queryKey: ['comments', on],
    queryFn: async ({ signal }) =>
      (await client.call('listComments', { query: { on, limit: commentsAtOnce }, signal })).data,
  });
