import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Client, ComparisonBody, ComparisonRowBody } from '@wheelhouse/sdk';
import { callableModels } from './chat.ts';

const largestPage = 500;

export const traceQuery = (client: Client, traceId: string) =>
  queryOptions({
    queryKey: ['trace', traceId],
    queryFn: ({ signal }) => client.call('getTrace', { params: { traceId }, signal }),
    // Comparing tens of thousands of spans takes longer than drawing the few in sight.
    structuralSharing: false,
  });

/** What a page takes of a span unasked: its input, its output and the rest up to so many characters each. */
const payloadCap = 256 * 1024;

/** @param whole without the cap */
export const spanQuery = (client: Client, traceId: string, spanId: string, whole = false) =>
  queryOptions({
    queryKey: whole ? ['trace', traceId, 'span', spanId, 'whole'] : ['trace', traceId, 'span', spanId],
    queryFn: ({ signal }) =>
      client.call('getSpan', {
        params: { traceId, spanId },
        query: whole ? {} : { cap: payloadCap },
        signal,
      }),
    // What was recorded does not change piece by piece; comparing megabytes would only take time.
    structuralSharing: false,
  });

/** Files that came with the trace, in the order they came. */
export const attachmentsQuery = (client: Client, traceId: string) =>
  queryOptions({
    queryKey: ['trace', traceId, 'attachments'],
    queryFn: async ({ signal }) => (await client.call('listAttachments', { params: { traceId }, signal })).data,
  });

/** Every figure that the span has had, the one that counts first. */
export const spanCostsQuery = (client: Client, traceId: string, spanId: string) =>
  queryOptions({
    queryKey: ['trace', traceId, 'span-costs', spanId],
    queryFn: async ({ signal }) => (await client.call('listSpanCosts', { params: { traceId, spanId }, signal })).data,
  });

export const modelsQuery = (client: Client) =>
  queryOptions({
    queryKey: ['models'],
    queryFn: async ({ signal }) => (await client.call('listModels', { query: { limit: largestPage }, signal })).data,
  });

export const modelQuery = (client: Client, name: string) =>
  queryOptions({
    queryKey: ['model', name],
    queryFn: ({ signal }) => client.call('getModel', { params: { name }, signal }),
  });

/** Everything that `model` of a chat request may name: base models, registered models, aliases. */
export const callableQuery = () =>
  queryOptions({ queryKey: ['callable-models'], queryFn: ({ signal }) => callableModels(signal) });

/** How long the project keeps traces. */
export const retentionQuery = (client: Client) =>
  queryOptions({
    queryKey: ['retention'],
    queryFn: ({ signal }) => client.call('getRetention', { signal }),
  });

export const datasetsQuery = (client: Client) =>
  queryOptions({
    queryKey: ['datasets'],
    queryFn: async ({ signal }) => (await client.call('listDatasets', { signal })).data,
  });

export const datasetQuery = (client: Client, name: string) =>
  queryOptions({
    queryKey: ['dataset', name],
    queryFn: ({ signal }) => client.call('getDataset', { params: { name }, signal }),
  });

/** @param version undefined reads the draft */
export const examplesQuery = (client: Client, name: string, version: number | undefined) =>
  infiniteQueryOptions({
    queryKey: ['dataset', name, 'examples', version ?? 'draft'],
    queryFn: ({ pageParam, signal }) =>
      client.call('listExamples', {
        params: { name },
        query: {
          limit: 200,
          ...(version === undefined ? {} : { version }),
          ...(pageParam === null ? {} : { cursor: pageParam }),
        },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

export const comparisonsQuery = (client: Client) =>
  infiniteQueryOptions({
    queryKey: ['comparisons'],
    queryFn: ({ pageParam, signal }) =>
      client.call('listComparisons', {
        query: { limit: 50, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

/** The id of the comparison that a run is a side of; null when there is none. */
export const runQuery = (client: Client, runId: string) =>
  queryOptions({
    queryKey: ['run', runId],
    queryFn: async ({ signal }) => {
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page: { data: ComparisonBody[]; next: string | null } = await client.call('listComparisons', {
          query: { limit: largestPage, ...(cursor ? { cursor } : {}) },
          signal,
        });
        const found = page.data.find(({ a, b }) => a.id === runId || b.id === runId);
        if (found) return found.id;
        cursor = page.next;
      }
      return null;
    },
  });

export const comparisonQuery = (client: Client, comparisonId: string) =>
  queryOptions({
    queryKey: ['comparison', comparisonId],
    queryFn: ({ signal }) => client.call('getComparison', { params: { comparisonId }, signal }),
  });

/** All rows: which of them regressed can only be said of the whole. */
export const comparisonRowsQuery = (client: Client, comparisonId: string) =>
  queryOptions({
    queryKey: ['comparison', comparisonId, 'rows'],
    queryFn: async ({ signal }) => {
      const rows: ComparisonRowBody[] = [];
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page: { data: ComparisonRowBody[]; next: string | null } = await client.call('listComparisonRows', {
          params: { comparisonId },
          query: { limit: largestPage, ...(cursor ? { cursor } : {}) },
          signal,
        });
        rows.push(...page.data);
        cursor = page.next;
      }
      return rows;
    },
  });

export const serverQuery = (client: Client) =>
  queryOptions({ queryKey: ['server'], queryFn: ({ signal }) => client.call('getServer', { signal }) });

export type AuditSearch = Partial<Record<'subject' | 'actor' | 'action', string>>;

export const auditQuery = (client: Client, search: AuditSearch) =>
  infiniteQueryOptions({
    queryKey: ['audit', search],
    queryFn: ({ pageParam, signal }) =>
      client.call('listAudit', {
        query: { ...search, limit: 50, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
