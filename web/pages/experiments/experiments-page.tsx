import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ComparisonBody } from '@wheelhouse/sdk';
import { Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { dateTime, usd } from '../../data/format.ts';
import { comparisonsQuery } from '../../data/queries.ts';
import { CompareForm } from '../../parts/compare-form.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Pill } from '../../parts/pill.tsx';
import { Loading, RequestError } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { VerdictPill } from '../../parts/verdict.tsx';

function Status({ comparison }: { comparison: ComparisonBody }) {
  const { status, done, total, results, scorers } = comparison;
  if (status === 'failed') return <Pill tone="bad">✕ failed</Pill>;
  if (status !== 'completed')
    return (
      <Pill tone="accent">
        … {status} {done}/{total}
      </Pill>
    );
  const main = results.find((result) => result.measure === scorers[0]);
  return main ? <VerdictPill result={main} /> : <Pill tone="mute">no result</Pill>;
}

function Rows({ comparisons }: { comparisons: ComparisonBody[] }) {
  return (
    <DataTable
      label="Comparisons"
      heads={['Dataset', 'A', 'B', 'Verdict', 'Cost', 'Started']}
      rows={comparisons.map((one) => ({
        key: one.id,
        cells: [
          <Link
            key="dataset"
            to="/experiments/$comparisonId"
            params={{ comparisonId: one.id }}
            className="link whitespace-nowrap"
          >
            {one.dataset} v{one.datasetVersion}
          </Link>,
          <span key="a" className="whitespace-nowrap text-va">
            ● {one.a.ref}
          </span>,
          <span key="b" className="whitespace-nowrap text-vb">
            ■ {one.b.ref}
          </span>,
          <Status key="status" comparison={one} />,
          <span key="cost" className="mono">
            {usd(one.costNanoUsd)}
          </span>,
          <span key="created" className="whitespace-nowrap text-text-2">
            {dateTime(one.createdAt)}
          </span>,
        ],
      }))}
    />
  );
}

const ways = () => [
  {
    title: 'From a terminal',
    text: 'Ends with a verdict, an interval and an exit code that a pipeline can hold on to.',
    code: 'wheelhouse eval support-golden --a support-bot@1 --b support-bot@2',
  },
  {
    title: 'Over HTTP',
    text: 'The same job, from anywhere.',
    code: `curl ${location.origin}/api/v1/comparisons -H 'content-type: application/json' \\
  -d '{"dataset":"support-golden","a":"support-bot@1","b":"support-bot@2"}'`,
  },
];

export function ExperimentsPage(): ReactNode {
  const { client } = useData();
  const [making, setMaking] = useState(false);
  const query = useInfiniteQuery(comparisonsQuery(client));
  const comparisons = query.data?.pages.flatMap((page) => page.data) ?? [];
  useShortcuts('Experiments', [{ keys: 'n', label: 'new comparison', hint: true, run: () => setMaking(true) }]);
  const button = (
    <button type="button" className="btn btn-primary" onClick={() => setMaking(true)}>
      <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
      New comparison
    </button>
  );
  return (
    <>
      <PageHeader title="Experiments" actions={button} />
      {query.isPending && <Loading what="comparisons" />}
      {query.error && !query.data && <RequestError error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && comparisons.length === 0 && (
        <Empty
          heading="No comparisons yet"
          text="A comparison runs two models over the same dataset and says, row by row and with an interval, whether one is better."
          ways={ways()}
        >
          {button}
        </Empty>
      )}
      {comparisons.length > 0 && <Rows comparisons={comparisons} />}
      {query.hasNextPage && (
        <div className="p-4">
          <button type="button" className="btn" onClick={() => void query.fetchNextPage()}>
            Show older
          </button>
        </div>
      )}
      {making && <CompareForm onClose={() => setMaking(false)} />}
    </>
  );
}
