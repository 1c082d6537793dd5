import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Client, ReleaseBody, RequestBody } from '@wheelhouse/sdk';

export type ReleaseSearch = { model?: string; state?: ReleaseBody['state'] };

/** Newest first. */
export const releasesQuery = (client: Client, search: ReleaseSearch = {}) =>
  infiniteQueryOptions({
    queryKey: ['releases', search],
    queryFn: ({ pageParam, signal }) =>
      client.call('listReleases', {
        query: { ...search, limit: 50, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });

export const releaseQuery = (client: Client, releaseId: string) =>
  queryOptions({
    queryKey: ['release', releaseId],
    queryFn: ({ signal }) => client.call('getRelease', { params: { releaseId }, signal }),
  });

/** What both versions said to the same calls; read again with each look. */
export const releaseAnswersQuery = (client: Client, { id, seenUntil }: Pick<ReleaseBody, 'id' | 'seenUntil'>) =>
  queryOptions({
    queryKey: ['release-answers', id, seenUntil],
    queryFn: ({ signal }) => client.call('compareReleaseAnswers', { params: { releaseId: id }, signal }),
    placeholderData: keepPreviousData,
  });

/** What would be watched; the same body starts it. */
export const releasePlanQuery = (client: Client, body: RequestBody<'planRelease'>) =>
  queryOptions({
    queryKey: ['release-plan', body],
    queryFn: ({ signal }) => client.call('planRelease', { body, signal }),
    placeholderData: keepPreviousData,
    retry: false,
  });
