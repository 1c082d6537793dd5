import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Client, RequestBody } from '@wheelhouse/sdk';

/** Monitors look when they are due, which no live feed tells of; one request for all of them. */
const againMs = 15_000;

export const monitorsQuery = (client: Client) =>
  queryOptions({
    queryKey: ['monitors'],
    queryFn: async ({ signal }) => (await client.call('listMonitors', { signal })).data,
    refetchInterval: againMs,
  });

export const monitorQuery = (client: Client, monitor: string) =>
  queryOptions({
    queryKey: ['monitors', monitor],
    queryFn: ({ signal }) => client.call('getMonitor', { params: { monitor }, signal }),
    refetchInterval: againMs,
  });

export type AlertSearch = { monitor?: string; open?: 'yes' | 'no' };

/** Newest first. */
export const alertsQuery = (client: Client, { open, ...search }: AlertSearch = {}) =>
  infiniteQueryOptions({
    queryKey: ['alerts', search, open ?? null],
    queryFn: ({ pageParam, signal }) =>
      client.call('listAlerts', {
        query: {
          ...search,
          limit: 50,
          ...(open === undefined ? {} : { open: open === 'yes' ? 'true' : 'false' }),
          ...(pageParam === null ? {} : { cursor: pageParam }),
        },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    refetchInterval: againMs,
  });

export const alertQuery = (client: Client, alertId: string) =>
  queryOptions({
    queryKey: ['alerts', alertId],
    queryFn: ({ signal }) => client.call('getAlert', { params: { alertId }, signal }),
    refetchInterval: ({ state }) => (state.data?.messages.some(({ status }) => status === 'waiting') ? 3_000 : againMs),
  });

export const channelsQuery = (client: Client) =>
  queryOptions({
    queryKey: ['channels'],
    queryFn: async ({ signal }) => (await client.call('listChannels', { signal })).data,
    refetchInterval: ({ state }) => (state.data?.some(({ waiting }) => waiting > 0) ? 5_000 : false),
  });

/** What a monitor that asks models would cost. */
export const monitorEstimateQuery = (client: Client, body: RequestBody<'estimateMonitor'>) =>
  queryOptions({
    queryKey: ['monitor-estimate', body],
    queryFn: ({ signal }) => client.call('estimateMonitor', { body, signal }),
    retry: false,
  });

/** What a monitor would find now; the same body sets it. */
export const monitorTestQuery = (client: Client, body: RequestBody<'testMonitor'>) =>
  queryOptions({
    queryKey: ['monitor-test', body],
    queryFn: ({ signal }) => client.call('testMonitor', { body, signal }),
    retry: false,
    gcTime: 60_000,
  });
