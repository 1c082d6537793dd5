import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { ReviewQueueBody, ShownReviewItemBody } from '@wheelhouse/sdk';
import { useEffect, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { reviewQueueQuery } from '../../data/review-queries.ts';
import type { Answers } from './answers.ts';

const route = getRouteApi('/review/$queue/label');

type Said = { answers: Answers; comment: string | null } | 'skip';
type Label = { number: number; isLabel: boolean };

export type Labelling = {
  queue: ReviewQueueBody | undefined;
  /** null: there is nothing for whoever asks; undefined: not known yet. */
  item: ShownReviewItemBody | null | undefined;
  /** Changes with each item that is shown, also when it is the same one again. */
  turn: string;
  /** Settling what others disagree about. */
  decides: boolean;
  /** What is shown was labelled before, and stands still until it is sent again. */
  isLookedAtAgain: boolean;
  isBusy: boolean;
  error: Error | null;
  /** Labels given since the page was opened, and how long one took. */
  labelled: number;
  msEach: number | null;
  say(said: Said): void;
  /** null: there is nothing to take back. */
  undo: (() => void) | null;
  back: (() => void) | null;
  forward: (() => void) | null;
};

/** The item that is looked at: one by number, or the next that nobody else has. */
function useItem(name: string, of: 'open' | 'disputed', number: number | undefined) {
  const { client } = useData();
  const [turn, setTurn] = useState(0);
  const taken = useQuery({
    queryKey: ['review-take', name, of, turn],
    queryFn: ({ signal }) => client.call('takeReviewItem', { params: { queue: name }, body: { of }, signal }),
    enabled: number === undefined,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const looked = useQuery({
    queryKey: ['review-item', name, number, turn],
    queryFn: ({ signal }) => client.call('getReviewItem', { params: { queue: name, item: String(number) }, signal }),
    enabled: number !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const query = number === undefined ? taken : looked;
  // What is still shown while the next one is on its way is of the turn before.
  const shownTurn = query.isPlaceholderData ? turn - 1 : turn;
  return { query, turn: shownTurn, again: () => setTurn((before) => before + 1) };
}

/** Asks again when something came into a queue that had nothing left. */
function useMore(isEmpty: boolean, waiting: number, again: () => void): void {
  const [seen, setSeen] = useState(waiting);
  useEffect(() => {
    if (seen === waiting) return;
    setSeen(waiting);
    if (isEmpty) again();
  }, [isEmpty, waiting, seen, again]);
}

/** Items one after another: what is shown, what was said, and the way back. */
export function useLabelling(name: string): Labelling {
  const { client } = useData();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const search = route.useSearch();
  const decides = search.of === 'disputed';
  const { query, turn, again } = useItem(name, search.of ?? 'open', search.item);
  const [history, setHistory] = useState<Label[]>([]);
  const [openedMs] = useState(() => Date.now());
  const [spentMs, setSpentMs] = useState(0);
  const shown = useQuery(reviewQueueQuery(client, name)).data;
  const item = query.data?.item;
  const labelled = history.filter(({ isLabel }) => isLabel).length;

  const look = (number: number | undefined) =>
    void navigate({
      to: '/review/$queue/label',
      params: { queue: name },
      search: { ...(decides && { of: 'disputed' as const }), ...(number !== undefined && { item: number }) },
      replace: true,
    });
  const forget = () => queryClient.invalidateQueries({ queryKey: ['review-queue', name, 'items'] });
  const send = useMutation({
    mutationFn: async ({ number, said }: { number: number; said: Said }) => {
      const params = { queue: name, item: String(number) };
      if (said === 'skip') return client.call('labelReviewItem', { params, body: { skip: true } });
      return client.call(decides ? 'decideReviewItem' : 'labelReviewItem', { params, body: said });
    },
    onSuccess: (done, { number, said }) => {
      queryClient.setQueryData(['review-queue', name], done.queue);
      setHistory((before) => [...before.filter((one) => one.number !== number), { number, isLabel: said !== 'skip' }]);
      setSpentMs(Date.now() - openedMs);
      // What was taken before one looked back is still there.
      if (search.item !== undefined) look(undefined);
      else again();
      void forget();
    },
  });
  const takeBack = useMutation({
    mutationFn: (number: number) => client.call('undoReviewLabel', { params: { queue: name, item: String(number) } }),
    onSuccess: (done, number) => {
      queryClient.setQueryData(['review-queue', name], done.queue);
      setHistory((before) => before.filter((one) => one.number !== number));
      if (search.item !== undefined) look(undefined);
      again();
      void forget();
    },
  });
  const waiting = shown === undefined ? 0 : shown.items.open + shown.items.disputed;
  useMore(item === null && !query.isFetching, waiting, again);

  const isBusy = send.isPending || takeBack.isPending || query.isFetching;
  const last = history.at(-1);
  const at = history.findIndex(({ number }) => number === search.item);
  const before = search.item === undefined ? last : history[at - 1];
  return {
    queue: shown ?? query.data?.queue,
    ...{ item, turn: `${search.item ?? 'next'} ${turn} ${item?.number ?? ''}`, decides, isBusy, labelled },
    isLookedAtAgain: search.item !== undefined,
    error: send.error ?? takeBack.error ?? query.error,
    msEach: labelled < 2 ? null : spentMs / labelled,
    say: (said) => {
      if (!isBusy && item) send.mutate({ number: item.number, said });
    },
    undo: decides || last === undefined ? null : () => !isBusy && takeBack.mutate(last.number),
    back: before === undefined ? null : () => look(before.number),
    forward: search.item === undefined ? null : () => look(at < 0 ? undefined : history[at + 1]?.number),
  };
}
