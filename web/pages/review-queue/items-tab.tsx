import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ReviewItemBody, ReviewQueueBody } from '@wheelhouse/sdk';
import { useCallback } from 'react';
import { useData } from '../../data/data-context.tsx';
import { count } from '../../data/format.ts';
import { reviewItemsQuery } from '../../data/review-queries.ts';
import { Pill } from '../../parts/pill.tsx';
import { QueryState } from '../../parts/request-state.tsx';
import { type Column, VirtualTable } from '../../parts/virtual-table.tsx';

const route = getRouteApi('/review/$queue');

const states = [
  { state: undefined, label: 'All' },
  { state: 'open' as const, label: 'Open' },
  { state: 'disputed' as const, label: 'Disputed' },
  { state: 'done' as const, label: 'Done' },
];

const looks = {
  open: { tone: 'mute', text: 'open' },
  disputed: { tone: 'warn', text: '▲ disputed' },
  done: { tone: 'good', text: '✓ done' },
} as const;

/** What it is, in short. */
function whatIs({ target }: ReviewItemBody): string {
  switch (target.kind) {
    case 'trace':
      return `trace ${target.traceId.slice(0, 8)}`;
    case 'span':
      return `span ${target.spanId} of ${target.traceId.slice(0, 8)}`;
    case 'session':
      return `session ${target.sessionId}`;
    case 'cell':
      return `answer to ${target.exampleId}${target.repetition > 0 ? `, repetition ${target.repetition + 1}` : ''}`;
    case 'pair':
      return `pair of ${target.exampleId}`;
  }
}

/** Who said what; the decision stands for all. */
function Said({ item }: { item: ReviewItemBody }) {
  const given = item.labels.filter(({ skipped }) => !skipped);
  return given.map(({ rater, decides, answers }) => (
    <span key={`${rater} ${decides}`} className="mr-3">
      <span className="text-text-3">{decides ? `${rater} decided` : rater}</span>{' '}
      {Object.values(answers).map(String).join(', ')}
    </span>
  ));
}

const columns: Column<ReviewItemBody>[] = [
  { name: 'Item', width: '56px', cell: ({ number }) => number },
  {
    name: 'State',
    width: '96px',
    cell: ({ state }) => <Pill tone={looks[state].tone}>{looks[state].text}</Pill>,
  },
  {
    name: 'What',
    width: 'minmax(120px,1fr)',
    cell: (item) => (
      <span title={item.reason ?? undefined} className="mono">
        {whatIs(item)}
      </span>
    ),
  },
  { name: 'Said', width: 'minmax(160px,2fr)', least: 480, cell: (item) => <Said item={item} /> },
  {
    name: 'Trace',
    width: '72px',
    least: 640,
    cell: ({ traceId }) =>
      traceId === null ? (
        ''
      ) : (
        <Link to="/traces/$traceId" params={{ traceId }} preload={false} className="link">
          trace
        </Link>
      ),
  },
];

/** Everything in a queue, with all that was said of it. */
export function ItemsTab({ queue }: { queue: ReviewQueueBody }) {
  const { client } = useData();
  const navigate = useNavigate();
  const { state } = route.useSearch();
  const query = useInfiniteQuery(reviewItemsQuery(client, queue.name, state));
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const more = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, isFetchingNextPage]);
  const items = query.data?.pages.flatMap((page) => page.data) ?? [];
  const counted = { all: queue.items.open + queue.items.disputed + queue.items.done, ...queue.items };
  return (
    <>
      <fieldset className="flex flex-none flex-wrap items-center gap-1 border-b border-line px-2 py-1">
        <legend className="sr-only">Items to show</legend>
        {states.map(({ state: one, label }) => (
          <button
            key={label}
            type="button"
            className="btn !min-h-6"
            aria-pressed={one === state}
            onClick={() =>
              void navigate({
                to: '/review/$queue',
                params: { queue: queue.name },
                search: { tab: 'items', ...(one === undefined ? {} : { state: one }) },
                replace: true,
              })
            }
          >
            {label} <span className="mono">{count(counted[one ?? 'all'])}</span>
          </button>
        ))}
      </fieldset>
      <QueryState query={query} what="items" />
      {query.isSuccess && items.length === 0 && <p className="p-6 text-text-2">Nothing is here.</p>}
      {items.length > 0 && (
        <VirtualTable
          label="Items"
          keysTitle="Review"
          rows={items}
          columns={columns}
          keyOf={({ number }) => String(number)}
          hrefOf={({ number, state: is }) =>
            `/review/${encodeURIComponent(queue.name)}/label?${is === 'disputed' ? 'of=disputed&' : ''}item=${number}`
          }
          more={hasNextPage}
          onMore={more}
        />
      )}
    </>
  );
}
