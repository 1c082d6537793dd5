import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { IssueDetailBody } from '@wheelhouse/sdk';
import type { ReactNode } from 'react';
import { useData } from '../../data/data-context.tsx';
import { count, dateTime } from '../../data/format.ts';
import { issueQuery, issueTracesQuery } from '../../data/issue-queries.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Loading, PageError } from '../../parts/request-state.tsx';
import { ShowMore } from '../../parts/show-more.tsx';
import { WatchTabs } from '../../parts/watch-tabs.tsx';
import { DayBars } from './day-bars.tsx';
import { IssueActions } from './issue-actions.tsx';
import { IssueState, signalWords } from './issue-cells.tsx';
import { IssueGroups } from './issue-groups.tsx';
import { IssueHistory } from './issue-history.tsx';

const route = getRouteApi('/issues/$issueId');

function Figures({ issue }: { issue: IssueDetailBody }) {
  const figures = [
    { name: 'Traces', text: count(issue.traces) },
    { name: 'Users', text: count(issue.users) },
    { name: 'First seen', text: dateTime(issue.firstSeen) },
    { name: 'Last seen', text: dateTime(issue.lastSeen) },
    { name: 'Whose', text: issue.assignee ?? 'nobody’s' },
  ];
  return (
    <dl className="mt-3 flex flex-wrap gap-x-8 gap-y-2">
      {figures.map(({ name, text }) => (
        <div key={name} className="min-w-0">
          <dt className="text-xs text-text-3">{name}</dt>
          <dd className="text-lg font-semibold break-words">{text}</dd>
        </div>
      ))}
      <div>
        <dt className="text-xs text-text-3">14 days</dt>
        <dd className="pt-1">
          <DayBars days={issue.days} />
        </dd>
      </div>
    </dl>
  );
}

function resolutionText({ state, resolution, regressedAt }: IssueDetailBody): string | null {
  if (state === 'regressed' && regressedAt !== null) return `It came back on ${dateTime(regressedAt)}.`;
  if (state !== 'resolved' || resolution === null) return null;
  const versions = Object.entries(resolution.versions ?? {});
  const when =
    versions.length === 0
      ? 'any call that begins later brings it back'
      : `a version after ${versions.map(([model, number]) => `${model}@${number}`).join(', ')} brings it back`;
  return `Resolved by ${resolution.by} on ${dateTime(resolution.at)}; ${when}.`;
}

function Traces({ issueId }: { issueId: string }) {
  const { client } = useData();
  const query = useInfiniteQuery(issueTracesQuery(client, issueId));
  const rows = query.data?.pages.flatMap(({ data }) => data) ?? [];
  return (
    <section aria-labelledby="issue-traces" className="min-w-0">
      <h2 id="issue-traces" className="px-4 pt-4 pb-2 font-semibold">
        Traces that fail in this way
      </h2>
      {query.isPending && <Loading what="traces" />}
      {query.isSuccess && rows.length === 0 && <p className="px-4 pb-3 text-text-2">None is there any more.</p>}
      {rows.length > 0 && (
        <DataTable
          label="Traces"
          keysTitle="Traces of the issue"
          heads={['Trace', 'Began', 'User', 'Model']}
          rows={rows.map(({ traceId, spanId, at, user, model }) => ({
            key: traceId,
            cells: [
              <Link
                key="trace"
                to="/traces/$traceId"
                params={{ traceId }}
                search={spanId === null ? {} : { span: spanId }}
                className="link mono"
              >
                {traceId.slice(0, 12)}
              </Link>,
              <span key="at" className="whitespace-nowrap text-text-2">
                {dateTime(at)}
              </span>,
              <span key="user" className="break-words">
                {user ?? '–'}
              </span>,
              <span key="model" className="mono break-words">
                {model ?? '–'}
              </span>,
            ],
          }))}
        />
      )}
      <ShowMore query={query} />
    </section>
  );
}

function Issue({ issue }: { issue: IssueDetailBody }) {
  const resolution = resolutionText(issue);
  return (
    <>
      <PageHeader
        title={issue.title}
        parent={
          <Link to="/issues" className="link">
            Issues
          </Link>
        }
        actions={<IssueActions issue={issue} />}
      >
        <IssueState issue={issue} />
      </PageHeader>
      <WatchTabs now="/issues" />
      <div className="border-b border-line bg-surface p-4">
        <p className="text-sm text-text-2">
          Each of these traces {signalWords[issue.signal]}.{' '}
          {issue.q !== '' && (
            <>
              Near it:{' '}
              <Link to="/traces" search={{ q: issue.q }} className="link mono underline">
                {issue.q}
              </Link>
            </>
          )}
        </p>
        {resolution !== null && <p className="mt-1 text-sm">{resolution}</p>}
        <Figures issue={issue} />
        {issue.versions.length > 0 && (
          <ul aria-label="Versions" className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-sm">
            {issue.versions.map(({ model, number, traces }) => (
              <li key={`${model}@${number}`}>
                <Link to="/models/$name" params={{ name: model }} className="link mono">
                  {model}@{number}
                </Link>{' '}
                <span className="text-text-2">{count(traces)}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
      <IssueGroups issue={issue} />
      <Traces issueId={issue.id} />
      <IssueHistory issue={issue} />
    </>
  );
}

export function IssuePage(): ReactNode {
  const { issueId } = route.useParams();
  const { client } = useData();
  const query = useQuery(issueQuery(client, issueId));
  if (query.data) return <Issue key={issueId} issue={query.data} />;
  if (query.error)
    return <PageError error={query.error} what={`The issue ${issueId}`} onRetry={() => void query.refetch()} />;
  return <Loading what="the issue" />;
}
