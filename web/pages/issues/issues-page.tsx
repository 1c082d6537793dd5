import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useData } from '../../data/data-context.tsx';
import { type IssueSearch, issuesQuery } from '../../data/issue-queries.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Loading, RequestError } from '../../parts/request-state.tsx';
import { WatchTabs } from '../../parts/watch-tabs.tsx';
import { issueCells, issueHeads, signalWords, stateLooks } from './issue-cells.tsx';
import { NoIssues } from './no-issues.tsx';

const route = getRouteApi('/issues');

const states = ['new', 'known', 'regressed', 'resolved'] as const;
const signals = ['error', 'handled', 'refusal', 'score'] as const;

type FiltersProps = { search: IssueSearch; onSearch: (search: IssueSearch) => void };

/** Which are listed; a filter is a link. */
function Filters({ search, onSearch }: FiltersProps) {
  const { state: _, ...withoutState } = search;
  const { signal: __, ...withoutSignal } = search;
  const { model: ___, ...withoutModel } = search;
  return (
    <fieldset className="flex flex-none flex-wrap items-center gap-2 border-b border-line px-4 py-2">
      <legend className="sr-only">Issues to show</legend>
      <select
        aria-label="State"
        className="field !w-auto"
        value={search.state ?? ''}
        onChange={({ target }) => {
          const state = [...states, 'all' as const].find((one) => one === target.value);
          onSearch(state === undefined ? withoutState : { ...search, state });
        }}
      >
        <option value="">not resolved</option>
        {states.map((state) => (
          <option key={state} value={state}>
            {stateLooks[state].text}
          </option>
        ))}
        <option value="all">all</option>
      </select>
      <select
        aria-label="How traces fail"
        className="field !w-auto"
        value={search.signal ?? ''}
        onChange={({ target }) => {
          const signal = signals.find((one) => one === target.value);
          onSearch(signal === undefined ? withoutSignal : { ...search, signal });
        }}
      >
        <option value="">however it fails</option>
        {signals.map((signal) => (
          <option key={signal} value={signal}>
            {signalWords[signal]}
          </option>
        ))}
      </select>
      {search.model !== undefined && (
        <button type="button" className="btn" onClick={() => onSearch(withoutModel)}>
          {search.model} ✕
        </button>
      )}
    </fieldset>
  );
}

/** In which ways traces fail, the last seen first. */
export function IssuesPage(): ReactNode {
  const { client } = useData();
  const navigate = useNavigate();
  const search = route.useSearch();
  const query = useInfiniteQuery(issuesQuery(client, search));
  const rows = query.data?.pages.flatMap(({ data }) => data) ?? [];
  const isFiltered = Object.keys(search).length > 0;
  const go = (next: IssueSearch) => void navigate({ to: '/issues', search: next, replace: true });
  const isEmpty = query.isSuccess && rows.length === 0;
  return (
    <>
      <PageHeader
        title="Issues"
        actions={
          <Link to="/issues/scores" className="btn">
            Bad scores
          </Link>
        }
      />
      <WatchTabs now="/issues" />
      <Filters search={search} onSearch={go} />
      {query.isPending && <Loading what="issues" />}
      {query.error && !query.data && <RequestError error={query.error} onRetry={() => void query.refetch()} />}
      {isEmpty && !isFiltered && <NoIssues />}
      {isEmpty && isFiltered && (
        <p className="p-6 text-text-2">
          Nothing fits.{' '}
          <button type="button" className="link min-h-6 underline" onClick={() => go({})}>
            Show those that are not resolved
          </button>
        </p>
      )}
      {rows.length > 0 && (
        <DataTable
          label="Issues"
          keysTitle="Issues"
          heads={issueHeads}
          right={[3, 4]}
          rows={rows.map((issue) => ({ key: issue.id, cells: issueCells(issue) }))}
        />
      )}
      {query.hasNextPage && (
        <div className="p-4">
          <button type="button" className="btn" onClick={() => void query.fetchNextPage()}>
            Show older
          </button>
        </div>
      )}
    </>
  );
}
