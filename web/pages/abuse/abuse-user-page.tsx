import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { AbuseUserDetailBody } from '@wheelhouse/sdk';
import { type ReactNode, useState } from 'react';
import { abusePolicyQuery, abuseUserQuery } from '../../data/abuse-queries.ts';
import { type AbuseKind, kindWords, oneInText } from '../../data/abuse-words.ts';
import { useData } from '../../data/data-context.tsx';
import { dateTime, plural } from '../../data/format.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Loading, PageError } from '../../parts/request-state.tsx';
import { WatchTabs } from '../../parts/watch-tabs.tsx';
import { AbuseActions } from './abuse-actions.tsx';
import { AbuseState } from './abuse-cells.tsx';
import { RiskChart } from './risk-chart.tsx';

const route = getRouteApi('/abuse/$user');

const eventWords: Record<AbuseUserDetailBody['events'][number]['kind'], string> = {
  ...{ log: 'listed', throttle: 'throttled', challenge: 'challenged', block: 'blocked' },
  ...{ passed: 'challenge passed', undone: 'undone', allowed: 'allowed for good', disallowed: 'allowed no more' },
};

const TraceLink = ({ traceId }: { traceId: string }) => (
  <Link to="/traces/$traceId" params={{ traceId }} className="link mono">
    {traceId.slice(0, 12)}
  </Link>
);

function Figures({ user }: { user: AbuseUserDetailBody }) {
  const kinds = Object.entries(user.kinds) as [AbuseKind, number][];
  return (
    <dl className="flex flex-wrap gap-x-8 gap-y-2">
      <div>
        <dt className="text-xs text-text-3">Honest users who show this much in a month</dt>
        <dd className="text-lg font-semibold">{oneInText(user.oneIn)}</dd>
      </div>
      {kinds.map(([kind, oneIn]) => (
        <div key={kind}>
          <dt className="text-xs text-text-3">{kindWords[kind]}</dt>
          <dd className="text-lg">{oneInText(oneIn)}</dd>
        </div>
      ))}
      {user.rung !== null && (
        <div>
          <dt className="text-xs text-text-3">In force until</dt>
          <dd className="text-lg">{user.until === null ? 'somebody undoes it' : dateTime(user.until)}</dd>
        </div>
      )}
    </dl>
  );
}

/** Those that speak against the user, or all. */
function Calls({ user: { calls } }: { user: AbuseUserDetailBody }) {
  const [showsAll, setShowsAll] = useState(false);
  const telling = calls.filter(({ speaks }) => Object.keys(speaks).length > 0);
  const shown = showsAll ? calls : telling;
  return (
    <section aria-labelledby="abuse-calls" className="min-w-0">
      <h2 id="abuse-calls" className="px-4 pt-4 pb-2 font-semibold">
        Calls that speak against the user
      </h2>
      <p className="flex flex-wrap items-center gap-2 px-4 pb-3 text-text-2">
        {telling.length} of {plural(calls.length, 'call')} of the last 14 days.
        {calls.length > telling.length && (
          <button type="button" className="link min-h-6 underline" onClick={() => setShowsAll(!showsAll)}>
            {showsAll ? 'Show these alone' : 'Show all calls'}
          </button>
        )}
      </p>
      {shown.length > 0 && (
        <DataTable
          label="Calls"
          keysTitle="Calls of the user"
          heads={['Trace', 'Began', 'Speaks of', 'Found by', 'Honest users so far']}
          right={[4]}
          rows={shown.map(({ traceId, at, speaks, found, oneIn, counts }) => ({
            key: traceId,
            cells: [
              <TraceLink key="trace" traceId={traceId} />,
              <span key="at" className="whitespace-nowrap text-text-2">
                {dateTime(at)}
              </span>,
              <span key="speaks" className="break-words">
                {(Object.keys(speaks) as AbuseKind[]).map((kind) => kindWords[kind]).join(', ') || '–'}
              </span>,
              <span key="found" className="break-words text-text-2">
                {found || '–'}
              </span>,
              <span key="risk" className="mono whitespace-nowrap">
                {counts ? oneInText(oneIn) : 'counts no more'}
              </span>,
            ],
          }))}
        />
      )}
    </section>
  );
}

function Events({ user: { events } }: { user: AbuseUserDetailBody }) {
  if (events.length === 0) return null;
  return (
    <section aria-labelledby="abuse-events" className="min-w-0 px-4 pb-6">
      <h2 id="abuse-events" className="pt-4 pb-2 font-semibold">
        What was done
      </h2>
      <ol className="flex flex-col gap-2">
        {events.map(({ id, at, by, kind, text, traces }) => (
          <li key={id} className="flex flex-wrap gap-x-2">
            <span className="whitespace-nowrap text-text-3">{dateTime(at)}</span>
            {by !== 'wheelhouse' && <span className="font-medium">{by}</span>}
            <span className="font-medium">{eventWords[kind]}</span>
            <span className="min-w-0 break-words text-text-2">{text}</span>
            {traces.slice(-3).map((traceId) => (
              <TraceLink key={traceId} traceId={traceId} />
            ))}
          </li>
        ))}
      </ol>
    </section>
  );
}

export function AbuseUserPage(): ReactNode {
  const { user: name } = route.useParams();
  const { client } = useData();
  const query = useQuery(abuseUserQuery(client, name));
  const policy = useQuery(abusePolicyQuery(client));
  if (query.error && !query.data)
    return <PageError error={query.error} what={`The user ${name}`} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Loading what="the user" />;
  const user = query.data;
  return (
    <>
      <PageHeader
        title={user.user}
        parent={
          <Link to="/abuse" className="link">
            Abuse
          </Link>
        }
        actions={<AbuseActions user={user} />}
      >
        <AbuseState user={user} />
      </PageHeader>
      <WatchTabs now="/abuse" />
      <div className="flex flex-col gap-3 border-b border-line bg-surface p-4">
        <Figures user={user} />
        {policy.data && user.calls.length > 0 && (
          <RiskChart calls={user.calls} policy={policy.data.policy} isHeld={user.rung !== null} />
        )}
      </div>
      <Calls user={user} />
      <Events user={user} />
    </>
  );
}
