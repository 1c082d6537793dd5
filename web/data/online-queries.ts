import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Client, OnlineEvaluationBody, RequestBody } from '@wheelhouse/sdk';
import { namedScorer } from '@wheelhouse/sdk';
import { linesOf } from './evaluation-draft.ts';

/** Looks again while the page is open: it scores as long as traces arrive. */
const everyMs = 3_000;

/** Online evaluations, newest first. */
export const onlineQuery = (client: Client) =>
  infiniteQueryOptions({
    queryKey: ['online'],
    queryFn: ({ pageParam, signal }) =>
      client.call('listOnlineEvaluations', {
        query: { limit: 50, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: everyMs,
  });

/** What its first judge says of all, and what people say of some. */
export const onlineCheckQuery = (client: Client, online: string) =>
  queryOptions({
    queryKey: ['online-check', online],
    queryFn: ({ signal }) => client.call('checkOnlineEvaluation', { params: { online }, query: {}, signal }),
    retry: false,
  });

/** An online evaluation as its form has it. */
export type OnlineDraft = {
  name: string;
  of: OnlineEvaluationBody['of'];
  q: string;
  scorers: string[];
  /** Scorers with options, one in a line; `name=` before one names its scores. */
  more: string;
  /** In per cent. */
  share: string;
  /** Dollars a day; empty: no limit. */
  budget: string;
  /** Minutes. */
  wait: string;
  spanKind: string;
  spanName: string;
};

export const newOnlineDraft: OnlineDraft = {
  ...{ name: '', of: 'traces', q: '', scorers: ['pii'], more: '', share: '100', budget: '', wait: '5' },
  ...{ spanKind: '', spanName: '' },
};

const dollarsOf = (nano: string) => String(Number(nano) / 1e9);

/** The form of one that is there. */
export function onlineDraftOf(online: OnlineEvaluationBody): OnlineDraft {
  const plain = online.scorers.filter(({ name, label }) => name === label);
  const named = online.scorers.filter(({ name, label }) => name !== label);
  return {
    ...{ name: online.name, of: online.of, q: online.q, share: String(Number((online.sample * 100).toPrecision(6))) },
    scorers: plain.map(({ name }) => name),
    more: named.map(({ name, label }) => `${name}=${label}`).join('\n'),
    budget: online.budgetNanoUsd === null ? '' : dollarsOf(online.budgetNanoUsd),
    wait: String(online.waitSeconds / 60),
    ...{ spanKind: online.span.kind ?? '', spanName: online.span.name ?? '' },
  };
}

/** What is sent; null while something that it takes is missing. */
export function onlineBody(draft: OnlineDraft): RequestBody<'setOnlineEvaluation'> | null {
  const { of, q, share, budget, wait, spanKind, spanName } = draft;
  const asked = [...draft.scorers, ...linesOf(draft.more).map(namedScorer)];
  const [sample, waitSeconds] = [Number(share) / 100, Math.round(Number(wait) * 60)];
  const isFollowed = of === 'follow_ups';
  if (!(sample > 0 && sample <= 1) || (!isFollowed && asked.length === 0) || !(waitSeconds >= 2)) return null;
  const kind = spanKind === '' ? null : (spanKind as NonNullable<OnlineEvaluationBody['span']['kind']>);
  return {
    ...{ of, q: q.trim(), sample, waitSeconds, scorers: isFollowed ? [] : asked },
    ...(of === 'spans' ? { span: { kind, name: spanName.trim() === '' ? null : spanName.trim() } } : {}),
    ...(budget === '' || isFollowed ? {} : { budget }),
  };
}
