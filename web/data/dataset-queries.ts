import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Client } from '@wheelhouse/sdk';

/** Which rows of a dataset; without a version those of the draft. */
export type ExampleSearch = {
  version?: number | undefined;
  text?: string | undefined;
  split?: string | undefined;
  tag?: string | undefined;
};

const said = <Value extends object>(value: Value) =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [Key in keyof Value]?: Exclude<Value[Key], undefined>;
  };

export const examplesQuery = (client: Client, name: string, search: ExampleSearch) =>
  infiniteQueryOptions({
    queryKey: ['dataset', name, 'examples', search],
    queryFn: ({ pageParam, signal }) =>
      client.call('listExamples', {
        params: { name },
        query: { limit: 200, ...said(search), ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });

/** How many rows have which split and which tag. */
export const datasetLabelsQuery = (client: Client, name: string, version: number | undefined) =>
  queryOptions({
    queryKey: ['dataset', name, 'labels', version ?? 'draft'],
    queryFn: ({ signal }) => client.call('listDatasetLabels', { params: { name }, query: said({ version }), signal }),
  });

type Between = { from: number | undefined; to: number | undefined };

export const datasetDiffQuery = (client: Client, name: string, between: Between) =>
  infiniteQueryOptions({
    queryKey: ['dataset', name, 'diff', between],
    queryFn: ({ pageParam, signal }) =>
      client.call('diffDataset', {
        params: { name },
        query: { limit: 100, ...said(between), ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

const pollMs = 1_000;

/** Its jobs, newest first; looked at again while one is under way. */
export const datasetJobsQuery = (client: Client, name: string) =>
  queryOptions({
    queryKey: ['dataset', name, 'jobs'],
    queryFn: async ({ signal }) =>
      (await client.call('listDatasetJobs', { params: { name }, query: { limit: 50 }, signal })).data,
    refetchInterval: ({ state }) =>
      state.data?.some(({ status }) => status === 'queued' || status === 'running') ? pollMs : false,
  });

type Checked = { version: number | undefined; job: string | undefined };

/** The newest report on its health, which the job made. */
export const datasetHealthQuery = (client: Client, name: string, { version, job }: Checked) =>
  queryOptions({
    queryKey: ['dataset', name, 'health', version ?? 'draft', job ?? 'none'],
    queryFn: ({ signal }) => client.call('getDatasetHealth', { params: { name }, query: said({ version }), signal }),
  });

/** What the rows of the draft have in common. */
export const inferredSchemaQuery = (client: Client, name: string) =>
  queryOptions({
    queryKey: ['dataset', name, 'inferred-schema'],
    queryFn: ({ signal }) => client.call('inferDatasetSchema', { params: { name }, signal }),
  });

/** The first rows of the draft or of a version, for trying something out on them. */
export const firstRowsQuery = (client: Client, name: string, version: number | undefined) =>
  queryOptions({
    queryKey: ['dataset', name, 'first-rows', version ?? 'draft'],
    queryFn: async ({ signal }) =>
      (await client.call('listExamples', { params: { name }, query: { limit: 500, ...said({ version }) }, signal }))
        .data,
  });

/** Filters whose traces become rows as they come. */
export const datasetRulesQuery = (client: Client, name: string) =>
  queryOptions({
    queryKey: ['dataset', name, 'rules'],
    queryFn: async ({ signal }) => (await client.call('listDatasetRules', { params: { name }, signal })).data,
  });
