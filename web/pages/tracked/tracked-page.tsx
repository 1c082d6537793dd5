import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { TrackedRunBody } from '@wheelhouse/sdk';
import { ListFilter } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { dateTime } from '../../data/format.ts';
import { type Here, useHere } from '../../data/here.ts';
import { withValue } from '../../data/route-search.ts';
import { commonKeys, metricText, timeTaken } from '../../data/tracked-values.ts';
import { type TrackedSearch, trackedExperimentsQuery, trackedRunsQuery } from '../../data/tracking-queries.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Empty, type Way } from '../../parts/empty.tsx';
import { ExperimentTabs } from '../../parts/experiment-tabs.tsx';
import { Choice, ListFilters, NothingFits } from '../../parts/list-filters.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { ErrorText, Loading, RequestError } from '../../parts/request-state.tsx';
import { ShowMore } from '../../parts/show-more.tsx';
import { useNow } from '../../parts/use-now.ts';
import { RunStatus } from './run-status.tsx';

const route = getRouteApi('/experiments/tracked');

const ways = ({ origin, needsKey }: Here): Way[] => [
  {
    title: 'From Python',
    text: "MLflow's own client; nothing of ours is installed.",
    code: `${needsKey ? 'import os\n\nos.environ["MLFLOW_TRACKING_TOKEN"] = os.environ["WHEELHOUSE_API_KEY"]\n' : ''}import mlflow

mlflow.set_tracking_uri("${origin}")
mlflow.set_experiment("first try")

with mlflow.start_run():
    mlflow.log_param("learning_rate", 0.01)
    for step in range(10):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)`,
  },
  {
    title: 'From transformers',
    text: 'Every training that reports to MLflow reports here.',
    code: `MLFLOW_TRACKING_URI=${origin} python train.py --report_to mlflow`,
  },
];

/** Most that are compared at once. */
const mostPicked = 10;
const metricColumns = 3;

/** Metrics that the list can be ordered by; backticks, since names may be anything. */
const ordersOf = (metrics: string[]) =>
  metrics.flatMap((metric) => [
    { order: `metrics.\`${metric}\` ASC`, text: `least ${metric}` },
    { order: `metrics.\`${metric}\` DESC`, text: `most ${metric}` },
  ]);

type FiltersProps = { search: TrackedSearch; metrics: string[]; onSearch: (search: TrackedSearch) => void };

function Filters({ search, metrics, onSearch }: FiltersProps) {
  const { client } = useData();
  const experiments = useQuery(trackedExperimentsQuery(client)).data ?? [];
  const known = ordersOf(metrics);
  const [text, setText] = useState(search.q ?? '');
  useEffect(() => setText(search.q ?? ''), [search.q]);
  const apply = () => {
    const q = text.trim();
    if (q !== (search.q ?? '')) onSearch(withValue(search, 'q', q || undefined));
  };
  return (
    <ListFilters of="Runs">
      <Choice
        label="Experiment"
        none="any experiment"
        choices={experiments.map(({ id }) => id)}
        textOf={(id) => experiments.find((one) => one.id === id)?.name ?? id}
        value={search.experiment}
        onChoose={(next) => onSearch(withValue(search, 'experiment', next))}
      />
      <Choice
        label="Order"
        none="latest first"
        choices={known.map(({ order }) => order)}
        textOf={(order) => known.find((one) => one.order === order)?.text ?? order}
        value={search.order}
        onChoose={(next) => onSearch(withValue(search, 'order', next))}
      />
      <search className="relative min-w-48 flex-1">
        <ListFilter
          size={13}
          strokeWidth={1.75}
          aria-hidden="true"
          className="pointer-events-none absolute top-2 left-2 text-text-3"
        />
        <input
          type="text"
          aria-label="Filter"
          className="field mono pl-7"
          placeholder="metrics.loss < 0.3 AND params.kind = 'tree'"
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onBlur={apply}
          onKeyDown={(event) => {
            if (event.key === 'Enter') apply();
            if (event.key === 'Escape') event.currentTarget.blur();
          }}
        />
      </search>
    </ListFilters>
  );
}

type RunsProps = {
  runs: TrackedRunBody[];
  metrics: string[];
  picked: string[];
  onPick: (id: string, isPicked: boolean) => void;
};

function Runs({ runs, metrics, picked, onPick }: RunsProps) {
  const { client } = useData();
  const experiments = useQuery(trackedExperimentsQuery(client)).data ?? [];
  const nowMs = Number(useNow(runs.some(({ status }) => status === 'RUNNING')) / 1_000_000n);
  return (
    <DataTable
      label="Tracked runs"
      keysTitle="Tracked runs"
      heads={['Run', 'Experiment', 'Status', ...metrics, 'Parameters', 'Started', 'Took']}
      right={[...metrics.keys()].map((i) => i + 3)}
      rows={runs.map((run) => ({
        key: run.id,
        cells: [
          <span key="run" className="grid min-w-0 grid-cols-[auto_minmax(0,1fr)] items-center gap-2">
            <input
              type="checkbox"
              className="size-6"
              aria-label={`Pick ${run.name} to compare`}
              title="Pick to compare"
              checked={picked.includes(run.id)}
              disabled={picked.length >= mostPicked && !picked.includes(run.id)}
              onChange={(event) => onPick(run.id, event.target.checked)}
            />
            <Link to="/experiments/tracked/$runId" params={{ runId: run.id }} className="link truncate">
              {run.name}
            </Link>
          </span>,
          <span key="experiment" className="text-text-2">
            {experiments.find(({ id }) => id === run.experimentId)?.name ?? run.experimentId}
          </span>,
          <RunStatus key="status" status={run.status} />,
          ...metrics.map((metric) => {
            const found = run.metrics.find(({ key }) => key === metric);
            return (
              <span key={metric} className="mono">
                {found ? metricText(found.value) : '–'}
              </span>
            );
          }),
          <span key="params" className="block max-w-64 truncate text-sm text-text-2">
            {run.params.map(({ key, value }) => `${key} ${value}`).join(' · ')}
          </span>,
          <span key="started" className="whitespace-nowrap text-text-2">
            {run.startMs === null ? '–' : dateTime(new Date(run.startMs).toISOString())}
          </span>,
          <span key="took" className="whitespace-nowrap text-text-2">
            {timeTaken(run, nowMs)}
          </span>,
        ],
      }))}
    />
  );
}

function Picked({ picked, onClear }: { picked: string[]; onClear: () => void }) {
  if (picked.length === 0) return null;
  return (
    <div className="flex flex-none flex-wrap items-center gap-2 border-b border-line bg-accent-bg px-4 py-1.5">
      <span>{picked.length === 1 ? '1 run picked' : `${picked.length} runs picked`}</span>
      {picked.length > 1 ? (
        <Link to="/experiments/tracked/compare" search={{ runs: picked.join(',') }} className="btn btn-primary">
          Compare
        </Link>
      ) : (
        <span className="text-text-2">Pick another to compare them.</span>
      )}
      <button type="button" className="btn btn-quiet" onClick={onClear}>
        Clear
      </button>
    </div>
  );
}

/** Runs that training and scripts recorded, the latest first. */
export function TrackedPage(): ReactNode {
  const { client } = useData();
  const navigate = useNavigate();
  const { pick = '', ...search } = route.useSearch();
  const query = useInfiniteQuery(trackedRunsQuery(client, search));
  const here = useHere();
  const runs = query.data?.pages.flatMap((page) => page.data) ?? [];
  const metrics = commonKeys(runs.map((run) => run.metrics)).slice(0, metricColumns);
  const picked = pick.split(',').filter((id) => id !== '');
  const isFiltered = Object.keys(search).length > 0;
  const go = (next: TrackedSearch, ids: string[] = picked) =>
    void navigate({
      to: '/experiments/tracked',
      search: { ...next, ...(ids.length === 0 ? {} : { pick: ids.join(',') }) },
      replace: true,
    });
  return (
    <>
      <PageHeader title="Experiments" />
      <ExperimentTabs now="tracked" />
      {(isFiltered || runs.length > 0) && <Filters search={search} metrics={metrics} onSearch={(next) => go(next)} />}
      <Picked picked={picked} onClear={() => go(search, [])} />
      {query.isPending && <Loading what="tracked runs" />}
      {query.error && isFiltered && (
        <div className="p-4">
          <ErrorText error={query.error} />
        </div>
      )}
      {query.error && !isFiltered && <RequestError error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && runs.length === 0 && !isFiltered && (
        <Empty
          heading="No tracked runs yet"
          text="A tracked run is what training or a script records of itself: its parameters, its metrics over steps, its files."
          ways={ways(here)}
        />
      )}
      {query.isSuccess && runs.length === 0 && isFiltered && <NothingFits onClear={() => go({})} />}
      {!query.error && runs.length > 0 && (
        <Runs
          runs={runs}
          metrics={metrics}
          picked={picked}
          onPick={(id, isPicked) => go(search, isPicked ? [...picked, id] : picked.filter((one) => one !== id))}
        />
      )}
      {!query.error && <ShowMore query={query} />}
    </>
  );
}
