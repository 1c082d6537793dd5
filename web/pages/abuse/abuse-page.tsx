import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { AbusePolicyBody } from '@wheelhouse/sdk';
import { lazy, type ReactNode, Suspense } from 'react';
import { type AbuseSearch, abusePolicyQuery, abuseUsersQuery } from '../../data/abuse-queries.ts';
import { useData } from '../../data/data-context.tsx';
import { count, plural } from '../../data/format.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Choice, ListFilters } from '../../parts/list-filters.tsx';
import { May } from '../../parts/may.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Pill } from '../../parts/pill.tsx';
import { QueryState } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { ShowMore } from '../../parts/show-more.tsx';
import { WatchTabs } from '../../parts/watch-tabs.tsx';
import { abuseCells, abuseHeads } from './abuse-cells.tsx';

const PolicyForm = lazy(async () => ({ default: (await import('./policy-form.tsx')).PolicyForm }));
const route = getRouteApi('/abuse');

const states = ['acted', 'allowed', 'all'] as const;
const stateWords = { acted: 'held by the gateway', allowed: 'allowed for good', all: 'all who were ever listed' };
const modes = {
  off: { tone: 'mute', text: 'off' },
  log: { tone: 'accent', text: 'only lists' },
  act: { tone: 'good', text: '✓ acts' },
} as const;

function NobodyListed({ given: { policy, watched } }: { given: AbusePolicyBody }) {
  if (policy.mode !== 'off')
    return (
      <p className="p-6 text-text-2">
        Nobody. {count(watched.calls)} calls of {plural(watched.users, 'user')} were looked at in the last seven days.
      </p>
    );
  return (
    <Empty
      heading="Nobody looks for abuse"
      text="Switched on, each call that names its user is looked at: attempts to override or read the instructions, questions for data of others, forms filled in by programs, spending far beyond everybody else. One odd call does nothing; what adds up is listed, and on request throttled, challenged or blocked by the gateway."
      ways={[
        {
          title: 'Begin with a list',
          text: 'Who would be acted upon is listed, and nothing is done.',
          code: 'wheelhouse abuse policy --mode log',
        },
        {
          title: 'Name the user in calls',
          text: 'As user in the body, or as a header. Calls without a user are not judged, and no key is ever held.',
          code: 'x-wheelhouse-user: user-1842',
        },
      ]}
    />
  );
}

/** Users who abuse models, the last seen first. */
export function AbusePage(): ReactNode {
  const { client } = useData();
  const navigate = useNavigate();
  const search = route.useSearch();
  const query = useInfiniteQuery(abuseUsersQuery(client, search.state));
  const policy = useQuery(abusePolicyQuery(client));
  const rows = query.data?.pages.flatMap(({ data }) => data) ?? [];
  const go = (next: AbuseSearch) => void navigate({ to: '/abuse', search: next, replace: true });
  const { open: _, ...closed } = search;
  const edit = () => go({ ...closed, open: 'policy' });
  useShortcuts('Abuse', [{ needs: 'setAbusePolicy', keys: 'e', label: 'policy', hint: true, run: edit }]);
  const mode = policy.data?.policy.mode;
  const isEmpty = query.isSuccess && rows.length === 0;
  return (
    <>
      <PageHeader
        title="Abuse"
        actions={
          <May call="setAbusePolicy">
            <button type="button" className="btn" disabled={!policy.data} onClick={edit}>
              Policy <kbd>e</kbd>
            </button>
          </May>
        }
      >
        {mode !== undefined && <Pill tone={modes[mode].tone}>{modes[mode].text}</Pill>}
      </PageHeader>
      <WatchTabs now="/abuse" />
      <ListFilters of="Users">
        <Choice
          label="Users"
          none="listed or held"
          choices={states}
          textOf={(state) => stateWords[state]}
          value={search.state}
          onChoose={(state) => go(state === undefined ? {} : { state })}
        />
      </ListFilters>
      <QueryState query={query} what="users" />
      {isEmpty && search.state !== undefined && <p className="p-6 text-text-2">Nobody.</p>}
      {isEmpty && search.state === undefined && policy.data && <NobodyListed given={policy.data} />}
      {rows.length > 0 && (
        <DataTable
          label="Users"
          keysTitle="Users"
          heads={abuseHeads}
          right={[3]}
          rows={rows.map((user) => ({ key: user.user, cells: abuseCells(user) }))}
        />
      )}
      <ShowMore query={query} />
      <Suspense fallback={null}>
        {search.open === 'policy' && policy.data && <PolicyForm given={policy.data} onClose={() => go(closed)} />}
      </Suspense>
    </>
  );
}
