import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Client, EvaluationBody, RequestBody } from '@wheelhouse/sdk';
import type { RowKind } from './row-kinds.ts';

export type EvaluationSearch = { dataset?: string; model?: string; status?: EvaluationBody['status'] };

export const evaluationsQuery = (client: Client, search: EvaluationSearch = {}) =>
  infiniteQueryOptions({
    queryKey: ['evaluations', search],
    queryFn: ({ pageParam, signal }) =>
      client.call('listEvaluations', {
        query: { ...search, limit: 50, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });

/** The id of the evaluation that a run is a column of; null when there is none. */
export const runQuery = (client: Client, runId: string) =>
  queryOptions({
    queryKey: ['run', runId],
    queryFn: async ({ signal }) => {
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page: { data: EvaluationBody[]; next: string | null } = await client.call('listEvaluations', {
          query: { limit: 500, ...(cursor ? { cursor } : {}) },
          signal,
        });
        const found = page.data.find(({ runs }) => runs.some(({ id }) => id === runId));
        if (found) return found.id;
        cursor = page.next;
      }
      return null;
    },
  });

export const evaluationQuery = (client: Client, evaluationId: string) =>
  queryOptions({
    queryKey: ['evaluation', evaluationId],
    queryFn: ({ signal }) => client.call('getEvaluation', { params: { evaluationId }, signal }),
  });

/** By which measure rows are told apart, and of which run. */
export type RowAsk = { measure: string; run: string | undefined };

const asked = ({ measure, run }: RowAsk) => ({ measure, ...(run === undefined ? {} : { run }) });

/** How many rows there are of each kind. */
export const rowCountsQuery = (client: Client, evaluationId: string, ask: RowAsk) =>
  queryOptions({
    queryKey: ['evaluation-rows', evaluationId, 'counts', ask],
    queryFn: async ({ signal }) =>
      (
        await client.call('listEvaluationRows', {
          params: { evaluationId },
          query: { ...asked(ask), limit: 1, filter: 'regressions' },
          signal,
        })
      ).counts,
    placeholderData: keepPreviousData,
  });

export const evaluationRowsQuery = (client: Client, evaluationId: string, ask: RowAsk & { show: RowKind }) =>
  infiniteQueryOptions({
    queryKey: ['evaluation-rows', evaluationId, 'rows', ask],
    queryFn: ({ pageParam, signal }) =>
      client.call('listEvaluationRows', {
        params: { evaluationId },
        query: {
          ...asked(ask),
          limit: 50,
          filter: ask.show,
          ...(pageParam === null ? {} : { cursor: pageParam }),
        },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

/** What it would cost; the same body starts it. */
export const estimateQuery = (client: Client, body: RequestBody<'createEvaluation'>) =>
  queryOptions({
    queryKey: ['evaluation-estimate', body],
    queryFn: ({ signal }) => client.call('estimateEvaluation', { body, signal }),
    placeholderData: keepPreviousData,
    retry: false,
  });
