import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Client, TrackedRunBody } from '@wheelhouse/sdk';

export type TrackedSearch = { experiment?: string; q?: string; order?: string };

/** While a run is going, what it records is read again so often. */
const everyMs = 5_000;
const isGoing = ({ status }: Pick<TrackedRunBody, 'status'>) => status === 'RUNNING';

export const trackedExperimentsQuery = (client: Client) =>
  queryOptions({
    queryKey: ['tracked-experiments'],
    queryFn: async ({ signal }) => (await client.call('listTrackedExperiments', { signal })).data,
  });

export const trackedRunsQuery = (client: Client, search: TrackedSearch) =>
  infiniteQueryOptions({
    queryKey: ['tracked-runs', search],
    queryFn: ({ pageParam, signal }) =>
      client.call('listTrackedRuns', {
        query: { ...search, limit: 50, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    refetchInterval: (query) => (query.state.data?.pages.some(({ data }) => data.some(isGoing)) ? everyMs : false),
    retry: false,
  });

export const trackedRunQuery = (client: Client, runId: string) =>
  queryOptions({
    queryKey: ['tracked-run', runId],
    queryFn: ({ signal }) => client.call('getTrackedRun', { params: { runId }, signal }),
    refetchInterval: (query) => (query.state.data && isGoing(query.state.data) ? everyMs : false),
  });

export type Over = 'step' | 'time';

export const trackedSeriesQuery = (client: Client, ask: { runs: string[]; key: string; over: Over; going: boolean }) =>
  queryOptions({
    queryKey: ['tracked-series', ask.runs, ask.key, ask.over],
    queryFn: async ({ signal }) => {
      const query = { runs: ask.runs.join(','), key: ask.key, over: ask.over };
      return (await client.call('listTrackedSeries', { query, signal })).data;
    },
    refetchInterval: ask.going ? everyMs : false,
    placeholderData: keepPreviousData,
  });

export const trackedArtifactsQuery = (client: Client, runId: string, path: string) =>
  queryOptions({
    queryKey: ['tracked-artifacts', runId, path],
    queryFn: async ({ signal }) =>
      (await client.call('listTrackedArtifacts', { params: { runId }, query: { path }, signal })).data,
  });
