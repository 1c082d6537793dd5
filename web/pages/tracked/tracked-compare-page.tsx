import { useQueries } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { TrackedRunBody } from '@wheelhouse/sdk';
import type { ReactNode } from 'react';
import { useData } from '../../data/data-context.tsx';
import { plural } from '../../data/format.ts';
import { commonKeys, differingKeys, metricText } from '../../data/tracked-values.ts';
import { trackedRunQuery } from '../../data/tracking-queries.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { Loading, PageError } from '../../parts/request-state.tsx';
import { lookOf } from '../overview/measures.ts';
import { MetricChart, OverChoice } from './metric-chart.tsx';
import { RunStatus } from './run-status.tsx';

const route = getRouteApi('/experiments/tracked/compare');

const mostRuns = 10;
const mostCharts = 24;

type Row = { key: string; values: (string | undefined)[] };

type GridProps = { label: string; runs: TrackedRunBody[]; rows: Row[]; children?: ReactNode };

/** A row for each name, a column for each run. */
function Grid({ label, runs, rows, children }: GridProps) {
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      className="overflow-auto"
    >
      <table className="border-collapse text-left">
        <thead className="table-head">
          <tr>
            <th scope="col" className="h-7 px-3 font-medium">
              {label}
            </th>
            {runs.map((run, i) => (
              <th key={run.id} scope="col" className="max-w-48 px-3 font-medium">
                <span className="flex items-center gap-1.5">
                  <span className="h-0.5 w-3 flex-none" style={{ background: lookOf(i).color }} />
                  <Link
                    to="/experiments/tracked/$runId"
                    params={{ runId: run.id }}
                    className="link min-w-0 truncate"
                    title={run.name}
                  >
                    {run.name}
                  </Link>
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {children}
          {rows.map(({ key, values }) => (
            <tr key={key} className="border-t border-line">
              <th scope="row" className="mono max-w-64 truncate px-3 py-1 text-sm font-normal text-text-2" title={key}>
                {key}
              </th>
              {runs.map((run, i) => (
                <td key={run.id} className="mono max-w-48 truncate px-3 py-1 text-sm" title={values[i]}>
                  {values[i] ?? '–'}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Body({ runs }: { runs: TrackedRunBody[] }) {
  const navigate = useNavigate();
  const { over = 'step', runs: ids = '' } = route.useSearch();
  const differing = differingKeys(runs.map(({ params }) => params));
  const same = commonKeys(runs.map(({ params }) => params)).length - differing.length;
  const metrics = commonKeys(runs.map((run) => run.metrics));
  return (
    <div className="flex w-full flex-col gap-6 p-4 pb-12">
      <Grid
        label="Parameters that differ"
        runs={runs}
        rows={differing.map((key) => ({
          key,
          values: runs.map(({ params }) => params.find((one) => one.key === key)?.value),
        }))}
      >
        <tr className="border-t border-line">
          <th scope="row" className="px-3 py-1 text-sm font-normal text-text-2">
            status
          </th>
          {runs.map((run) => (
            <td key={run.id} className="px-3 py-1">
              <RunStatus status={run.status} />
            </td>
          ))}
        </tr>
      </Grid>
      {same > 0 && <p className="-mt-4 px-3 text-text-3">{plural(same, 'parameter is', 'parameters are')} the same.</p>}
      <Grid
        label="Latest values"
        runs={runs}
        rows={metrics.map((key) => ({
          key,
          values: runs.map((run) => {
            const found = run.metrics.find((one) => one.key === key);
            return found && metricText(found.value);
          }),
        }))}
      />
      <section aria-label="Metrics" className="min-w-0">
        <div className="mb-2 flex items-center gap-2">
          <h2 className="text-md font-semibold">Metrics</h2>
          <OverChoice
            over={over}
            onOver={(next) =>
              void navigate({
                to: '/experiments/tracked/compare',
                search: { runs: ids, ...(next === 'time' && { over: next }) },
                replace: true,
              })
            }
          />
        </div>
        <div className="grid grid-cols-[repeat(auto-fill,minmax(min(340px,100%),1fr))] gap-3">
          {metrics.slice(0, mostCharts).map((metric) => (
            <MetricChart key={metric} metric={metric} runs={runs} over={over} />
          ))}
        </div>
        {metrics.length > mostCharts && (
          <p className="mt-2 text-text-3">The {mostCharts} metrics that most of them have; the table has all.</p>
        )}
      </section>
    </div>
  );
}

/** Up to ten runs beside each other: what was set differently, and what came of it. */
export function TrackedComparePage(): ReactNode {
  const { client } = useData();
  const ids = [...new Set((route.useSearch().runs ?? '').split(','))].filter((id) => id !== '').slice(0, mostRuns);
  const queries = useQueries({ queries: ids.map((id) => trackedRunQuery(client, id)) });
  const failed = queries.findIndex(({ error, data }) => error !== null && data === undefined);
  const runs = queries.flatMap(({ data }) => data ?? []);
  const header = (
    <PageHeader
      title={`${plural(ids.length, 'run')} compared`}
      parent={
        <Link to="/experiments/tracked" search={ids.length === 0 ? {} : { pick: ids.join(',') }} className="link">
          Tracked runs
        </Link>
      }
    />
  );
  const error = queries[failed]?.error;
  if (error)
    return <PageError error={error} what={`The run ${ids[failed]}`} onRetry={() => void queries[failed]?.refetch()} />;
  if (runs.length < ids.length) return <Loading what="the runs" />;
  return (
    <>
      {header}
      {runs.length === 0 ? (
        <p className="p-6 text-text-2">Pick runs in the list to compare them.</p>
      ) : (
        <Body runs={runs} />
      )}
    </>
  );
}
