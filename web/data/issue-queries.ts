import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Client, IssueBody } from '@wheelhouse/sdk';

export type IssueSearch = { state?: IssueBody['state'] | 'all'; signal?: IssueBody['signal']; model?: string };

/** The last seen first; those that are not resolved unless the search says others. */
export const issuesQuery = (client: Client, search: IssueSearch) => {
  const { state = 'open', ...rest } = search;
  return infiniteQueryOptions({
    queryKey: ['issues', search],
    queryFn: ({ pageParam, signal }) =>
      client.call('listIssues', {
        query: {
          ...{ ...rest, ...(state === 'all' ? {} : { state }), limit: 50 },
          ...(pageParam === null ? {} : { cursor: pageParam }),
        },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
};

export const issueQuery = (client: Client, issueId: string) =>
  queryOptions({
    queryKey: ['issues', 'one', issueId],
    queryFn: ({ signal }) => client.call('getIssue', { params: { issueId }, signal }),
  });

export const issueTracesQuery = (client: Client, issueId: string) =>
  infiniteQueryOptions({
    queryKey: ['issues', 'traces', issueId],
    queryFn: ({ pageParam, signal }) =>
      client.call('listIssueTraces', {
        params: { issueId },
        query: { limit: 20, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

/** Which values of scores are bad, by name. */
export const badScoresQuery = (client: Client) =>
  queryOptions({
    queryKey: ['bad-scores'],
    queryFn: async ({ signal }) => (await client.call('listBadScores', { signal })).data,
  });
