import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Client, ReviewItemBody, ReviewQueueBody } from '@wheelhouse/sdk';

export type ReviewField = ReviewQueueBody['form'][number];

export const reviewQueuesQuery = (client: Client) =>
  queryOptions({
    queryKey: ['review-queues'],
    queryFn: async ({ signal }) => (await client.call('listReviewQueues', { signal })).data,
  });

export const reviewQueueQuery = (client: Client, queue: string) =>
  queryOptions({
    queryKey: ['review-queue', queue],
    queryFn: ({ signal }) => client.call('getReviewQueue', { params: { queue }, signal }),
  });

export const raterAgreementQuery = (client: Client, queue: string) =>
  queryOptions({
    queryKey: ['review-queue', queue, 'agreement'],
    queryFn: ({ signal }) => client.call('getRaterAgreement', { params: { queue }, signal }),
    placeholderData: keepPreviousData,
  });

type JudgeAsk = { field: string | undefined; measure: string | undefined };

export const judgeQuery = (client: Client, queue: string, { field, measure }: JudgeAsk) =>
  queryOptions({
    queryKey: ['review-queue', queue, 'judge', { field, measure }],
    queryFn: ({ signal }) =>
      client.call('correctJudge', {
        params: { queue },
        query: { ...(field === undefined ? {} : { field }), ...(measure === undefined ? {} : { measure }) },
        signal,
      }),
    placeholderData: keepPreviousData,
    retry: false,
  });

export const preferencesQuery = (client: Client, queue: string) =>
  queryOptions({
    queryKey: ['review-queue', queue, 'preferences'],
    queryFn: ({ signal }) => client.call('getReviewPreferences', { params: { queue }, signal }),
    placeholderData: keepPreviousData,
  });

export const reviewItemsQuery = (client: Client, queue: string, state: ReviewItemBody['state'] | undefined) =>
  infiniteQueryOptions({
    queryKey: ['review-queue', queue, 'items', state ?? 'all'],
    queryFn: ({ pageParam, signal }) =>
      client.call('listReviewItems', {
        params: { queue },
        query: {
          limit: 100,
          ...(state === undefined ? {} : { state }),
          ...(pageParam === null ? {} : { cursor: pageParam }),
        },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });

/** Whether two answers are set beside each other in it. */
export const isOfPairs = ({ form }: Pick<ReviewQueueBody, 'form'>): boolean =>
  form.some(({ kind }) => kind === 'preference');

/** Whether what people say of a field can be set against what a judge says. */
export const isComparable = (field: ReviewField): boolean =>
  field.kind === 'boolean' ||
  field.kind === 'number' ||
  (field.kind === 'choice' && field.options.every(({ points }) => points !== null));
