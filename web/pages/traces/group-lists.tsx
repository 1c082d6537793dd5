import { useInfiniteQuery } from '@tanstack/react-query';
import type { SessionBody, UserBody } from '@wheelhouse/sdk';
import { Trash2 } from 'lucide-react';
import { useCallback, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { count, startTime, usd } from '../../data/format.ts';
import { sessionsQuery, usersQuery } from '../../data/trace-queries.ts';
import { DeleteTraces } from '../../parts/delete-traces.tsx';
import { May } from '../../parts/may.tsx';
import { Loading, RequestError } from '../../parts/request-state.tsx';
import { type Column, VirtualTable } from '../../parts/virtual-table.tsx';
import { toggleValue } from './edit-filter.ts';

type Activity = Pick<
  SessionBody,
  'traces' | 'errors' | 'inputTokens' | 'outputTokens' | 'costNanoUsd' | 'unpriced' | 'lastNs'
>;

const mono = (text: string) => <span className="mono">{text}</span>;

/** What sessions and users have in common. */
const activity: Column<Activity>[] = [
  {
    name: 'Traces',
    width: '64px',
    right: true,
    cell: (row) => mono(count(row.traces)),
  },
  {
    name: 'Errors',
    width: '64px',
    right: true,
    least: 480,
    cell: (row) => (row.errors > 0 ? <span className="mono text-bad">✕ {count(row.errors)}</span> : mono('–')),
  },
  {
    name: 'Tokens',
    width: '132px',
    right: true,
    least: 1040,
    cell: (row) => mono(`${count(row.inputTokens)} → ${count(row.outputTokens)}`),
  },
  {
    name: 'Cost',
    width: '104px',
    right: true,
    least: 560,
    cell: (row) => mono(`${usd(row.costNanoUsd)}${row.unpriced > 0 && row.costNanoUsd !== null ? '+?' : ''}`),
  },
  {
    name: 'Last',
    width: '116px',
    right: true,
    cell: (row) => <span className="mono text-text-2">{startTime(row.lastNs)}</span>,
  },
];

const sessionColumns: Column<SessionBody>[] = [
  { name: 'Session', width: 'minmax(96px,200px)', cell: (row) => row.sessionId },
  { name: 'Began with', width: 'minmax(120px,1fr)', least: 700, cell: (row) => row.inputPreview },
  { name: 'Last answer', width: 'minmax(120px,1fr)', least: 700, cell: (row) => row.outputPreview },
  {
    name: 'User',
    width: 'minmax(64px,120px)',
    least: 900,
    cell: (row) => <span className="text-text-2">{row.users.join(', ') || '–'}</span>,
  },
  ...activity,
];

const userColumns: Column<UserBody>[] = [
  { name: 'User', width: 'minmax(96px,1fr)', cell: (row) => row.userId },
  { name: 'Sessions', width: '76px', right: true, least: 480, cell: (row) => mono(count(row.sessions)) },
  ...activity,
];

function Nothing({ what, field, filtered }: { what: string; field: string; filtered: boolean }) {
  return (
    <p className="max-w-[560px] p-6 text-text-2">
      {filtered
        ? `No ${what} fits the filter.`
        : `No trace names a ${what} yet. The attribute ${field} on any of its spans makes it part of one.`}
    </p>
  );
}

/** Conversations: the traces that name the same session. */
export function SessionList({ q }: { q: string }) {
  const { client } = useData();
  const query = useInfiniteQuery(sessionsQuery(client, q));
  const { fetchNextPage, isFetchingNextPage } = query;
  const more = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, isFetchingNextPage]);
  if (query.error && !query.data) return <RequestError error={query.error} onRetry={() => void query.refetch()} />;
  if (query.isPending) return <Loading what="sessions" />;
  const rows = query.data.pages.flatMap((page) => page.data);
  if (rows.length === 0) return <Nothing what="session" field="session.id" filtered={q !== ''} />;
  return (
    <VirtualTable
      label="Sessions"
      keysTitle="Sessions"
      rows={rows}
      columns={sessionColumns}
      keyOf={(row) => row.sessionId}
      hrefOf={(row) => `/sessions/${encodeURIComponent(row.sessionId)}`}
      more={query.hasNextPage}
      onMore={more}
    />
  );
}

/** Everyone that traces name; a row leads to their traces. */
export function UserList({ q }: { q: string }) {
  const { client } = useData();
  const [deleting, setDeleting] = useState<string | null>(null);
  const query = useInfiniteQuery(usersQuery(client, q));
  const { fetchNextPage, isFetchingNextPage } = query;
  const more = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, isFetchingNextPage]);
  if (query.error && !query.data) return <RequestError error={query.error} onRetry={() => void query.refetch()} />;
  if (query.isPending) return <Loading what="users" />;
  const rows = query.data.pages.flatMap((page) => page.data);
  if (rows.length === 0) return <Nothing what="user" field="user.id" filtered={q !== ''} />;
  const remove: Column<UserBody> = {
    name: 'Delete',
    width: '56px',
    right: true,
    least: 480,
    cell: (row) => (
      <May call="createDeletion">
        <button
          type="button"
          className="btn btn-quiet btn-icon !min-h-6"
          aria-label={`Delete all of ${row.userId}`}
          onClick={() => setDeleting(row.userId)}
        >
          <Trash2 size={13} strokeWidth={1.75} />
        </button>
      </May>
    ),
  };
  return (
    <>
      <VirtualTable
        label="Users"
        keysTitle="Users"
        rows={rows}
        columns={[...userColumns, remove]}
        keyOf={(row) => row.userId}
        hrefOf={(row) => `/traces?${new URLSearchParams({ q: toggleValue(q, 'user', row.userId) })}`}
        more={query.hasNextPage}
        onMore={more}
      />
      {deleting !== null && <DeleteTraces subject={{ user: deleting }} onClose={() => setDeleting(null)} />}
    </>
  );
}
