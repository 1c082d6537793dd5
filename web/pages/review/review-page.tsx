import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ReviewQueueBody } from '@wheelhouse/sdk';
import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { useData } from '../../data/data-context.tsx';
import { count } from '../../data/format.ts';
import { clientOptions, type Here, useHere } from '../../data/here.ts';
import { reviewQueuesQuery } from '../../data/review-queries.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Empty, type Way } from '../../parts/empty.tsx';
import { May } from '../../parts/may.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Pill } from '../../parts/pill.tsx';
import { QueryState } from '../../parts/request-state.tsx';
import { ProgressBar } from '../../parts/review-progress.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { NewQueue } from './new-queue.tsx';

const route = getRouteApi('/review');

const ways = ({ origin, curl, needsKey }: Here): Way[] => [
  {
    title: 'From a terminal',
    text: 'Labels are given there too, by keys.',
    code: `${origin === 'http://127.0.0.1:4400' ? '' : `export WHEELHOUSE_URL=${origin}\n`}wheelhouse review new tone --field 'good:boolean' --field 'better?:correction'
wheelhouse review add tone --filter 'last:7d' --count 50
wheelhouse review label tone`,
  },
  {
    title: 'Over HTTP',
    text: 'The same queue.',
    code: `curl ${origin}/api/v1/review/queues ${curl} \\
  -d '{"name":"tone","form":[{"kind":"boolean","name":"good"}]}'`,
  },
  {
    title: 'From code',
    text: 'What users of your application say comes in by itself; docs/guides/review.md has the two lines for its page.',
    code: `import { createClient } from '@wheelhouse/sdk';

const client = createClient(${clientOptions(origin, needsKey)});
await client.call('createReviewQueue', {
  body: { name: 'tone', form: [{ kind: 'boolean', name: 'good' }] },
});`,
  },
];

/** How many, of what, and what is left to whoever looks. */
function Rows({ queues }: { queues: ReviewQueueBody[] }) {
  return (
    <DataTable
      label="Queues"
      keysTitle="Review"
      heads={['Queue', 'Asked', 'Progress', 'Open', 'Disputed', 'Labels each', 'Fed by']}
      right={[3, 5]}
      rows={queues.map((queue) => ({
        key: queue.id,
        cells: [
          <Link key="name" to="/review/$queue" params={{ queue: queue.name }} className="link">
            {queue.name}
          </Link>,
          <span key="form" className="text-text-2">
            {queue.form.map(({ name }) => name).join(', ')}
          </span>,
          <ProgressBar key="progress" queue={queue} />,
          <span key="open" className="mono">
            {count(queue.items.open)}
          </span>,
          <span key="disputed">
            {queue.items.disputed === 0 ? (
              <span className="text-text-3">none</span>
            ) : (
              <Pill tone="warn">▲ {count(queue.items.disputed)} to decide</Pill>
            )}
          </span>,
          <span key="overlap" className="mono">
            {queue.overlap}
          </span>,
          <span key="rule" className="mono text-text-2">
            {queue.rule === null ? '' : queue.rule.q || 'all traces'}
          </span>,
        ],
      }))}
    />
  );
}

export function ReviewPage(): ReactNode {
  const { client } = useData();
  const navigate = useNavigate();
  const { open } = route.useSearch();
  const make = () => void navigate({ to: '/review', search: { open: 'new' } });
  const query = useQuery(reviewQueuesQuery(client));
  const here = useHere();
  useShortcuts('Review', [{ needs: 'createReviewQueue', keys: 'n', label: 'new queue', hint: true, run: make }]);
  const button = (
    <May call="createReviewQueue">
      <button type="button" className="btn btn-primary" onClick={make}>
        <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
        New queue
      </button>
    </May>
  );
  return (
    <>
      <PageHeader title="Review" actions={button} />
      <QueryState query={query} what="queues" />
      {query.data?.length === 0 && (
        <Empty
          heading="No queues yet"
          text="A queue is what people look at and what they are asked of it. What they say becomes scores on traces, examples of datasets, and what a judge is measured by."
          ways={ways(here)}
        >
          {button}
        </Empty>
      )}
      {query.data && query.data.length > 0 && <Rows queues={query.data} />}
      {open === 'new' && <NewQueue onClose={() => void navigate({ to: '/review', search: {}, replace: true })} />}
    </>
  );
}
