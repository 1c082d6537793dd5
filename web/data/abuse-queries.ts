import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Client } from '@wheelhouse/sdk';

export type AbuseSearch = { state?: 'acted' | 'allowed' | 'all'; open?: 'policy' };

/** The last seen first; those who are listed or held unless the search says others. */
export const abuseUsersQuery = (client: Client, state: AbuseSearch['state']) =>
  infiniteQueryOptions({
    queryKey: ['abuse', 'users', state ?? 'listed'],
    queryFn: ({ pageParam, signal }) =>
      client.call('listAbuseUsers', {
        query: {
          ...{ limit: 50, ...(state === 'all' ? {} : { state: state ?? 'listed' }) },
          ...(pageParam === null ? {} : { cursor: pageParam }),
        },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });

export const abuseUserQuery = (client: Client, user: string) =>
  queryOptions({
    queryKey: ['abuse', 'user', user],
    queryFn: ({ signal }) => client.call('getAbuseUser', { params: { user }, signal }),
  });

export const abusePolicyQuery = (client: Client) =>
  queryOptions({
    queryKey: ['abuse', 'policy'],
    queryFn: ({ signal }) => client.call('getAbusePolicy', { signal }),
  });
