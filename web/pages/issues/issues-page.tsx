import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useData } from '../../data/data-context.tsx';
import { type IssueSearch, issuesQuery } from '../../data/issue-queries.ts';
import { withValue } from '../../data/route-search.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Choice, ListFilters, NothingFits } from '../../parts/list-filters.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { QueryState } from '../../parts/request-state.tsx';
import { ShowMore } from '../../parts/show-more.tsx';
import { WatchTabs } from '../../parts/watch-tabs.tsx';
import { issueCells, issueHeads, signalWords, stateLooks } from './issue-cells.tsx';
import { NoIssues } from './no-issues.tsx';

const route = getRouteApi('/issues');

const states = ['new', 'known', 'regressed', 'resolved'] as const;
const signals = ['error', 'handled', 'refusal', 'score'] as const;

type FiltersProps = { search: IssueSearch; onSearch: (search: IssueSearch) => void };

function Filters({ search, onSearch }: FiltersProps) {
  const { state, signal, model } = search;
  return (
    <ListFilters of="Issues">
      <Choice
        label="State"
        none="not resolved"
        choices={[...states, 'all']}
        textOf={(one) => (one === 'all' ? 'all' : stateLooks[one].text)}
        value={state}
        onChoose={(next) => onSearch(withValue(search, 'state', next))}
      />
      <Choice
        label="How traces fail"
        none="however it fails"
        choices={signals}
        textOf={(one) => signalWords[one]}
        value={signal}
        onChoose={(next) => onSearch(withValue(search, 'signal', next))}
      />
      {model !== undefined && (
        <button type="button" className="btn" onClick={() => onSearch(withValue(search, 'model', undefined))}>
          {model} ✕
        </button>
      )}
    </ListFilters>
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
      <QueryState query={query} what="issues" />
      {isEmpty && !isFiltered && <NoIssues />}
      {isEmpty && isFiltered && <NothingFits onClear={() => go({})}>Show those that are not resolved</NothingFits>}
      {rows.length > 0 && (
        <DataTable
          label="Issues"
          keysTitle="Issues"
          heads={issueHeads}
          right={[3, 4]}
          rows={rows.map((issue) => ({ key: issue.id, cells: issueCells(issue) }))}
        />
      )}
      <ShowMore query={query} />
    </>
  );
}
