import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ComparisonBody } from '@wheelhouse/sdk';
import { Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { dateTime, usd } from '../../data/format.ts';
import { clientOptions, type Here, useHere } from '../../data/here.ts';
import { comparisonsQuery, datasetsQuery, modelsQuery } from '../../data/queries.ts';
import { CompareForm } from '../../parts/compare-form.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Empty, type Way } from '../../parts/empty.tsx';
import { May } from '../../parts/may.tsx';
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
      keysTitle="Experiments"
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

type Names = { dataset: string; a: string; b: string };

/** What is there already, so that the command works as it stands. */
function useNames(): Names {
  const { client } = useData();
  const dataset = useQuery(datasetsQuery(client)).data?.[0]?.name ?? 'support-golden';
  const model = useQuery(modelsQuery(client)).data?.find(({ latest }) => latest > 1);
  const name = model?.name ?? 'support-bot';
  return { dataset, a: `${name}@${(model?.latest ?? 2) - 1}`, b: `${name}@${model?.latest ?? 2}` };
}

const ways = ({ origin, curl, needsKey }: Here, { dataset, a, b }: Names): Way[] => [
  {
    title: 'From a terminal',
    text: 'Ends with a verdict, an interval and an exit code that a pipeline can hold on to.',
    code: `${
      origin === 'http://127.0.0.1:4400'
        ? ''
        : `WHEELHOUSE_URL=${origin} \\
`
    }wheelhouse eval ${dataset} \\
  --a ${a} --b ${b}`,
  },
  {
    title: 'Over HTTP',
    text: 'The same job, from anywhere.',
    code: `curl ${origin}/api/v1/comparisons ${curl} \\
  -d '${JSON.stringify({ dataset, a, b })}'`,
  },
  {
    title: 'From code',
    text: 'The comparison runs on the server; this asks for it.',
    code: `import { createClient } from '@wheelhouse/sdk';

const client = createClient(${clientOptions(origin, needsKey)});
const { id } = await client.call('createComparison', {
  body: { dataset: '${dataset}', a: '${a}', b: '${b}' },
});`,
  },
];

function NoComparisons({ children }: { children: ReactNode }) {
  return (
    <Empty
      heading="No comparisons yet"
      text="A comparison runs two models over the same dataset and says, row by row and with an interval, whether one is better."
      ways={ways(useHere(), useNames())}
    >
      {children}
    </Empty>
  );
}

export function ExperimentsPage(): ReactNode {
  const { client } = useData();
  const [making, setMaking] = useState(false);
  const query = useInfiniteQuery(comparisonsQuery(client));
  const comparisons = query.data?.pages.flatMap((page) => page.data) ?? [];
  useShortcuts('Experiments', [
    { needs: 'createComparison', keys: 'n', label: 'new comparison', hint: true, run: () => setMaking(true) },
  ]);
  const button = (
    <May call="createComparison">
      <button type="button" className="btn btn-primary" onClick={() => setMaking(true)}>
        <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
        New comparison
      </button>
    </May>
  );
  return (
    <>
      <PageHeader title="Experiments" actions={button} />
      {query.isPending && <Loading what="comparisons" />}
      {query.error && !query.data && <RequestError error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && comparisons.length === 0 && <NoComparisons>{button}</NoComparisons>}
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
