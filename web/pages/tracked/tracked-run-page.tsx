import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { TrackedRunBody } from '@wheelhouse/sdk';
import type { ReactNode } from 'react';
import { useData } from '../../data/data-context.tsx';
import { dateTime } from '../../data/format.ts';
import { metricText, timeTaken } from '../../data/tracked-values.ts';
import { trackedExperimentsQuery, trackedRunQuery } from '../../data/tracking-queries.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { Loading, PageError } from '../../parts/request-state.tsx';
import { useNow } from '../../parts/use-now.ts';
import { Artifacts } from './artifacts.tsx';
import { MetricChart, OverChoice } from './metric-chart.tsx';
import { PairTable } from './pair-table.tsx';
import { RunStatus } from './run-status.tsx';

const route = getRouteApi('/experiments/tracked/$runId');

/** Charts that are drawn unasked. */
const mostCharts = 24;

function Header({ run }: { run: TrackedRunBody }) {
  const { client } = useData();
  const experiments = useQuery(trackedExperimentsQuery(client)).data ?? [];
  const nowMs = Number(useNow(run.status === 'RUNNING') / 1_000_000n);
  const experiment = experiments.find(({ id }) => id === run.experimentId)?.name ?? run.experimentId;
  return (
    <PageHeader
      title={run.name}
      parent={
        <Link to="/experiments/tracked" className="link">
          Tracked runs
        </Link>
      }
    >
      <RunStatus status={run.status} />
      <Link to="/experiments/tracked" search={{ experiment: run.experimentId }} className="link truncate">
        {experiment}
      </Link>
      <span className="text-text-2">
        {run.startMs !== null && `${dateTime(new Date(run.startMs).toISOString())} · `}
        {timeTaken(run, nowMs)}
        {run.userId !== '' && ` · ${run.userId}`}
      </span>
    </PageHeader>
  );
}

function Section({ title, children, aside }: { title: string; children: ReactNode; aside?: ReactNode }) {
  return (
    <section aria-label={title} className="min-w-0">
      <div className="mb-2 flex flex-wrap items-center gap-2">
        <h2 className="text-md font-semibold">{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

const noteTag = 'mlflow.note.content';

function Body({ run }: { run: TrackedRunBody }) {
  const navigate = useNavigate();
  const { over = 'step', all } = route.useSearch();
  const metrics = run.metrics.map(({ key }) => key);
  const shown = all === 'on' ? metrics : metrics.slice(0, mostCharts);
  const note = run.tags.find(({ key }) => key === noteTag)?.value;
  const to = (search: { over?: 'time'; all?: 'on' }) =>
    void navigate({ to: '/experiments/tracked/$runId', params: { runId: run.id }, search, replace: true });
  const kept = { ...(over === 'time' && { over }), ...(all !== undefined && { all }) };
  return (
    <div className="flex w-full flex-col gap-6 p-4 pb-12">
      {note !== undefined && <p className="max-w-[720px] break-words whitespace-pre-wrap">{note}</p>}
      <Section
        title="Metrics"
        aside={
          metrics.length > 0 && (
            <OverChoice
              over={over}
              onOver={(next) => to({ ...(all !== undefined && { all }), ...(next === 'time' && { over: next }) })}
            />
          )
        }
      >
        {metrics.length === 0 && <p className="text-text-3">None.</p>}
        <div className="grid grid-cols-[repeat(auto-fill,minmax(min(340px,100%),1fr))] gap-3">
          {shown.map((metric) => (
            <MetricChart key={metric} metric={metric} runs={[run]} over={over} />
          ))}
        </div>
        {shown.length < metrics.length && (
          <button type="button" className="btn mt-3" onClick={() => to({ ...kept, all: 'on' })}>
            Show all {metrics.length} metrics
          </button>
        )}
      </Section>
      <div className="grid grid-cols-1 gap-6 lg:grid-cols-2">
        <Section title="Parameters">
          <PairTable label="Parameters" pairs={run.params} />
        </Section>
        <Section title="Latest values">
          <PairTable
            label="Latest values"
            pairs={run.metrics.map(({ key, value, step }) => ({ key, value: `${metricText(value)}  (step ${step})` }))}
          />
        </Section>
        <Section title="Artifacts">
          <Artifacts run={run} />
        </Section>
        <Section title="Datasets">
          <PairTable
            label="Datasets"
            pairs={run.inputs.map(({ name, digest, context, sourceType, source }) => ({
              key: context === null ? name : `${name} (${context})`,
              value: `${digest} · ${sourceType} ${source}`,
            }))}
          />
        </Section>
        <Section title="Tags">
          <PairTable label="Tags" pairs={run.tags.filter(({ key }) => key !== noteTag)} />
        </Section>
      </div>
    </div>
  );
}

/** What one run recorded of itself. */
export function TrackedRunPage(): ReactNode {
  const { runId } = route.useParams();
  const { client } = useData();
  const query = useQuery(trackedRunQuery(client, runId));
  if (!query.data) {
    if (!query.error) return <Loading what="the run" />;
    return <PageError error={query.error} what={`The run ${runId}`} onRetry={() => void query.refetch()} />;
  }
  return (
    <>
      <Header run={query.data} />
      <Body run={query.data} />
    </>
  );
}
