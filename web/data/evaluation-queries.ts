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

/** Runs of one evaluation, or of several. */
export type RowSource = { evaluationId: string } | { baseline: string; runs: string };

const nameOf = (source: RowSource) =>
  'evaluationId' in source ? source.evaluationId : `${source.baseline} ${source.runs}`;

type RowQuery = { limit: number; filter: RowKind; cursor?: string };

function callRows(client: Client, source: RowSource, { measure, run }: RowAsk, query: RowQuery, signal: AbortSignal) {
  const asked = { ...query, measure, ...(run === undefined ? {} : { run }) };
  return 'evaluationId' in source
    ? client.call('listEvaluationRows', { params: source, query: asked, signal })
    : client.call('listComparisonRows', { query: { ...asked, ...source }, signal });
}

/** How many rows there are of each kind. */
export const rowCountsQuery = (client: Client, source: RowSource, ask: RowAsk) =>
  queryOptions({
    queryKey: ['evaluation-rows', nameOf(source), 'counts', ask],
    queryFn: async ({ signal }) =>
      (await callRows(client, source, ask, { limit: 1, filter: 'regressions' }, signal)).counts,
    placeholderData: keepPreviousData,
  });

export const evaluationRowsQuery = (client: Client, source: RowSource, { show, ...ask }: RowAsk & { show: RowKind }) =>
  infiniteQueryOptions({
    queryKey: ['evaluation-rows', nameOf(source), 'rows', ask, show],
    queryFn: ({ pageParam, signal }) => {
      const page = { limit: 50, filter: show, ...(pageParam === null ? {} : { cursor: pageParam }) };
      return callRows(client, source, ask, page, signal);
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

const soFarEveryMs = 3_000;

/** What can be said before it is completed. */
export const soFarQuery = (
  client: Client,
  evaluationId: string,
  { measure, isUnderWay }: { measure: string; isUnderWay: boolean },
) =>
  queryOptions({
    queryKey: ['evaluation-so-far', evaluationId, measure],
    queryFn: ({ signal }) =>
      client.call('getEvaluationSoFar', { params: { evaluationId }, query: { measure }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: isUnderWay ? soFarEveryMs : false,
  });

/** Any runs over the same version of a dataset, against the baseline. */
export const comparisonQuery = (client: Client, of: { baseline: string; runs: string }) =>
  queryOptions({
    queryKey: ['comparison', of],
    queryFn: ({ signal }) => client.call('compareRuns', { query: of, signal }),
    retry: false,
  });

/** What it would cost; the same body starts it. */
export const estimateQuery = (client: Client, body: RequestBody<'createEvaluation'>) =>
  queryOptions({
    queryKey: ['evaluation-estimate', body],
    queryFn: ({ signal }) => client.call('estimateEvaluation', { body, signal }),
    placeholderData: keepPreviousData,
    retry: false,
  });
