import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Client } from '@wheelhouse/sdk';
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
