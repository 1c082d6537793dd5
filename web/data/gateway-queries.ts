import { queryOptions } from '@tanstack/react-query';
import type { Client } from '@wheelhouse/sdk';

/** They are about what happens now. */
const lookAgainMs = 2_000;

export const targetsQuery = (client: Client) =>
  queryOptions({
    queryKey: ['gateway-targets'],
    queryFn: ({ signal }) => client.call('listGatewayTargets', { signal }),
    refetchInterval: lookAgainMs,
  });

export const usageQuery = (client: Client) =>
  queryOptions({
    queryKey: ['gateway-usage'],
    queryFn: ({ signal }) => client.call('getGatewayUsage', { signal }),
    refetchInterval: lookAgainMs,
  });

export const providersQuery = (client: Client) =>
  queryOptions({
    queryKey: ['providers'],
    queryFn: async ({ signal }) => (await client.call('listProviders', { signal })).data,
  });

export const vendorsQuery = (client: Client) =>
  queryOptions({
    queryKey: ['vendors'],
    queryFn: async ({ signal }) => (await client.call('listVendors', { signal })).data,
    staleTime: Number.POSITIVE_INFINITY,
  });
