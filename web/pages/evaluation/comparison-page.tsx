import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ComparisonBody } from '@wheelhouse/sdk';
import type { ReactNode } from 'react';
import { useData } from '../../data/data-context.tsx';
import { comparisonQuery } from '../../data/evaluation-queries.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { Loading, PageError } from '../../parts/request-state.tsx';
import { candidateOf } from './cells.ts';
import { RunNames } from './run-names.tsx';
import { RunsAndRows } from './runs-and-rows.tsx';
import { type Shown, useView } from './view.tsx';

const route = getRouteApi('/experiments/compare');

type Compared = ComparisonBody['baseline'];

/** Another baseline, or without one of the runs. */
function Change({ run, all, to }: { run: Compared; all: Compared[]; to: 'make baseline' | 'leave out' }) {
  const { view } = useView();
  const others = all.filter(({ id }) => id !== run.id);
  const [baseline, ...runs] = to === 'leave out' ? others : [run, ...others];
  if (!baseline || runs.length === 0) return null;
  return (
    <Link
      to="/experiments/compare"
      search={{
        ...(view.tab === undefined ? {} : { tab: view.tab }),
        ...(view.measure === undefined ? {} : { measure: view.measure }),
        ...{ baseline: baseline.id, runs: runs.map(({ id }) => id).join(',') },
      }}
      replace
      aria-label={`${to}: ${run.label}`}
      className="link min-h-6"
    >
      {to}
    </Link>
  );
}

/** Which runs are compared, and which evaluations they are from. */
function Origins({ all }: { all: Compared[] }) {
  return (
    <section aria-label="Where the runs come from" className="min-w-0 border-line p-4 max-lg:border-t lg:border-l">
      <h2 className="mb-2 font-semibold">Where the runs come from</h2>
      <ul className="flex flex-col gap-2">
        {all.map((run, i) => (
          <li key={run.id} className="flex flex-wrap items-baseline gap-x-3">
            <span className={i === 0 ? 'text-va' : ''}>
              {i === 0 ? '● ' : ''}
              {run.label}
            </span>
            <Link
              to="/experiments/$evaluationId"
              params={{ evaluationId: run.evaluationId }}
              className="link mono min-h-6"
            >
              {run.evaluationId.slice(0, 3)}…{run.evaluationId.slice(-5)}
            </Link>
            {i === 0 ? (
              <span className="text-text-3">baseline</span>
            ) : (
              <Change run={run} all={all} to="make baseline" />
            )}
            <Change run={run} all={all} to="leave out" />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Comparison({ comparison, asked }: { comparison: ComparisonBody; asked: { baseline: string; runs: string } }) {
  const { view } = useView();
  const { baseline, dataset, datasetVersion } = comparison;
  const all = [baseline, ...comparison.runs];
  const shown: Shown = { ...comparison, runs: all, source: asked };
  return (
    <>
      <PageHeader
        title={`${all.map(({ label }) => label).join(' vs ')} on ${dataset}`}
        heading={
          <>
            <Link to="/datasets/$name" params={{ name: dataset }} search={{ version: datasetVersion }}>
              {dataset}
            </Link>{' '}
            <span className="text-text-3">v{datasetVersion}</span>
          </>
        }
        parent={
          <Link to="/experiments" className="link">
            Experiments
          </Link>
        }
      >
        <RunNames runs={all} candidate={candidateOf(shown, view.run)} />
      </PageHeader>
      {!comparison.isFinal && (
        <p role="status" className="border-b border-line bg-sunken px-4 py-2 text-text-2">
          Some of these runs are not completed: what is said here is of the rows that are there.
        </p>
      )}
      {shown.scorers.length === 0 && (
        <p className="border-b border-line px-4 py-2 text-text-2">
          No scorer judged all of them, so they are compared by latency, cost and errors.
        </p>
      )}
      <RunsAndRows shown={shown}>
        <Origins all={all} />
      </RunsAndRows>
    </>
  );
}

/** Runs of different evaluations over the same rows. Which ones is in the address. */
export function ComparisonPage(): ReactNode {
  const { client } = useData();
  const { baseline = '', runs = '' } = route.useSearch();
  const asked = { baseline, runs };
  const query = useQuery(comparisonQuery(client, asked));
  if (query.data) return <Comparison comparison={query.data} asked={asked} />;
  if (!query.error) return <Loading what="the comparison" />;
  return <PageError error={query.error} what="This comparison" onRetry={() => void query.refetch()} />;
}
