import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Client, RequestBody } from '@wheelhouse/sdk';

/** By name. */
export const pipelinesQuery = (client: Client) =>
  infiniteQueryOptions({
    queryKey: ['pipelines'],
    queryFn: ({ pageParam, signal }) =>
      client.call('listPipelines', {
        query: { limit: 50, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });

export const pipelineQuery = (client: Client, pipeline: string) =>
  queryOptions({
    queryKey: ['pipeline', pipeline],
    queryFn: ({ signal }) => client.call('getPipeline', { params: { pipeline }, signal }),
  });

/** Newest first. */
export const pipelineRunsQuery = (client: Client, pipeline: string) =>
  infiniteQueryOptions({
    queryKey: ['pipeline-runs', pipeline],
    queryFn: ({ pageParam, signal }) =>
      client.call('listPipelineRuns', {
        query: { pipeline, limit: 50, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });

export const pipelineRunQuery = (client: Client, runId: string) =>
  queryOptions({
    queryKey: ['pipeline-run', runId],
    queryFn: ({ signal }) => client.call('getPipelineRun', { params: { runId }, signal }),
  });

/** What it would do now, or what is wrong with it. */
export const pipelinePlanQuery = (client: Client, body: RequestBody<'planPipeline'>) =>
  queryOptions({
    queryKey: ['pipeline-plan', body],
    queryFn: ({ signal }) => client.call('planPipeline', { body, signal }),
    retry: false,
  });
