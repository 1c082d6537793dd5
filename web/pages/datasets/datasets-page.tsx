import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { DatasetBody } from '@wheelhouse/sdk';
import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { useData } from '../../data/data-context.tsx';
import { count, dateTime } from '../../data/format.ts';
import { clientOptions, type Here, useHere } from '../../data/here.ts';
import { datasetsQuery } from '../../data/queries.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Empty, type Way } from '../../parts/empty.tsx';
import { May } from '../../parts/may.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Pill } from '../../parts/pill.tsx';
import { QueryState } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { NewDataset } from './new-dataset.tsx';

const route = getRouteApi('/datasets');

const ways = ({ origin, curl, needsKey }: Here): Way[] => [
  {
    title: 'From real traffic',
    text: (
      <>
        Open{' '}
        <Link to="/traces" className="link underline">
          Traces
        </Link>
        , move to an answer with <kbd>j</kbd> and press <kbd>a</kbd>. It lands here with its trace linked. By hand:{' '}
        <kbd>n</kbd>.
      </>
    ),
  },
  {
    title: 'From a file',
    text: 'CSV, JSON Lines, JSON or Parquet, of any size: make a dataset here and import into it, or from a terminal.',
    code: `${origin === 'http://127.0.0.1:4400' ? '' : `WHEELHOUSE_URL=${origin} \\\n`}wheelhouse dataset import support-golden ./cases.csv --create`,
  },
  {
    title: 'Over HTTP',
    text: 'An input, and the answer you expect, if there is one.',
    code: `curl ${origin}/api/v1/datasets ${curl} \\
  -d '{"name":"support-golden"}'
curl ${origin}/api/v1/datasets/support-golden/examples ${curl} \\
  -d '{"examples":[{"input":"Do you ship to Norway?","expected":"Yes, in 3 to 6 days."}]}'`,
  },
  {
    title: 'From code',
    text: 'From a table, or wherever the rows are.',
    code: `import { createClient, openDataset } from '@wheelhouse/sdk';

const client = createClient(${clientOptions(origin, needsKey)});
const name = 'support-golden';
await client.call('createDataset', { body: { name } });
await openDataset(client, name).add(...rows.map(({ question, answer }) => ({ input: question, expected: answer })));`,
  },
];

function Rows({ datasets }: { datasets: DatasetBody[] }) {
  return (
    <DataTable
      label="Datasets"
      keysTitle="Datasets"
      heads={['Name', 'Description', 'Examples', 'Version', 'Created']}
      rows={datasets.map((dataset) => ({
        key: dataset.id,
        cells: [
          <Link key="name" to="/datasets/$name" params={{ name: dataset.name }} className="link">
            {dataset.name}
          </Link>,
          <span key="description" className="text-text-2">
            {dataset.description}
          </span>,
          <span key="count" className="mono">
            {count(dataset.draftCount)}
          </span>,
          <span key="head" className="flex items-center gap-2">
            <span className="mono">{dataset.head === 0 ? 'draft' : `v${dataset.head}`}</span>
            {dataset.changed && <Pill tone="warn">▲ unfrozen changes</Pill>}
          </span>,
          <span key="created" className="text-text-2">
            {dateTime(dataset.createdAt)}
          </span>,
        ],
      }))}
    />
  );
}

export function DatasetsPage(): ReactNode {
  const { client } = useData();
  const navigate = useNavigate();
  const { open } = route.useSearch();
  const make = () => void navigate({ to: '/datasets', search: { open: 'new' } });
  const query = useQuery(datasetsQuery(client));
  const here = useHere();
  useShortcuts('Datasets', [{ needs: 'createDataset', keys: 'n', label: 'new dataset', hint: true, run: make }]);
  const button = (
    <May call="createDataset">
      <button type="button" className="btn btn-primary" onClick={make}>
        <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
        New dataset
      </button>
    </May>
  );
  return (
    <>
      <PageHeader title="Datasets" actions={button} />
      <QueryState query={query} what="datasets" />
      {query.data?.length === 0 && (
        <Empty
          heading="No datasets yet"
          text="A dataset is a list of inputs you trust, with or without expected answers. Every evaluation starts from one."
          ways={ways(here)}
        >
          {button}
        </Empty>
      )}
      {query.data && query.data.length > 0 && <Rows datasets={query.data} />}
      {open === 'new' && <NewDataset onClose={() => void navigate({ to: '/datasets', search: {}, replace: true })} />}
    </>
  );
}
