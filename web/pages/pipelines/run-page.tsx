import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { PipelineRunBody } from '@wheelhouse/sdk';
import { Check, RotateCcw, Square, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { dateTime, usd } from '../../data/format.ts';
import { pipelineRunQuery } from '../../data/pipeline-queries.ts';
import { May } from '../../parts/may.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { ErrorText, Loading, PageError } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { useToast } from '../../parts/toast.tsx';
import { type Change, ChangeRun } from './change-run.tsx';
import { RunState } from './pipeline-cells.tsx';
import { StepList } from './step-list.tsx';

const route = getRouteApi('/pipelines/$pipeline/runs/$runId');

/** What somebody is asked, above everything else. */
function Asked({ run, onChange }: { run: PipelineRunBody; onChange: (change: Change) => void }) {
  const asking = run.steps.find(({ state }) => state === 'asks');
  const step = run.definition.steps.find(({ name }) => name === asking?.name);
  if (asking === undefined || run.endedAt !== null) return null;
  const note = typeof step?.note === 'string' ? step.note : '';
  return (
    <section aria-label="Asked" className="flex flex-wrap items-center gap-3 border-b border-line bg-warn-bg px-4 py-3">
      <p className="min-w-0 flex-1 basis-64 break-words text-warn">
        <span className="font-medium">Somebody has to say yes at {asking.name}.</span> {note}
      </p>
      {run.mayDecide ? (
        <span className="flex gap-2">
          <button type="button" className="btn" onClick={() => onChange('reject')}>
            <X size={13} strokeWidth={1.75} aria-hidden="true" />
            Say no …
          </button>
          <button type="button" className="btn btn-primary" onClick={() => onChange('approve')}>
            <Check size={13} strokeWidth={1.75} aria-hidden="true" />
            Approve …
          </button>
        </span>
      ) : (
        <span className="text-text-2">
          {run.stopping !== null ? 'It is stopped.' : `The ${String(step?.role)}s of this project decide.`}
        </span>
      )}
    </section>
  );
}

/** Goes on where a run failed or was stopped. */
function Retry({ run }: { run: PipelineRunBody }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const retry = useMutation({
    mutationFn: () => client.call('retryPipelineRun', { params: { runId: run.id } }),
    onSuccess: async () => {
      toast(`✓ Run ${run.number} goes on`);
      await queryClient.invalidateQueries({ queryKey: ['pipeline-run', run.id] });
    },
  });
  return (
    <>
      {retry.error && <ErrorText error={retry.error} />}
      <button type="button" className="btn" disabled={retry.isPending} onClick={() => retry.mutate()}>
        <RotateCcw size={13} strokeWidth={1.75} aria-hidden="true" />
        Try again
      </button>
    </>
  );
}

function Actions({ run, onChange }: { run: PipelineRunBody; onChange: (change: Change) => void }) {
  if (run.endedAt === null)
    return (
      <May call="stopPipelineRun">
        <button type="button" className="btn" disabled={run.stopping !== null} onClick={() => onChange('stop')}>
          <Square size={12} strokeWidth={1.75} aria-hidden="true" />
          Stop …
        </button>
      </May>
    );
  if (run.state !== 'failed' && run.state !== 'stopped') return null;
  return (
    <May call="retryPipelineRun">
      <Retry run={run} />
    </May>
  );
}

function Facts({ run }: { run: PipelineRunBody }) {
  const { model, alias, budget } = run.definition;
  const facts: { name: string; value: ReactNode }[] = [
    { name: 'Why', value: run.cause.sentence },
    {
      name: 'Model',
      value: (
        <Link to="/models/$name" params={{ name: model }} className="link">
          {`${model}@${alias}`}
          {run.baseline !== null && `, at v${run.baseline}`}
        </Link>
      ),
    },
    { name: 'Candidate', value: run.candidate === null ? 'none yet' : `v${run.candidate}` },
    { name: 'Acts as', value: run.actsAs },
    { name: 'Cost', value: `${usd(run.costNanoUsd)}${budget === null ? '' : ` of at most $${Number(budget)}`}` },
    { name: 'Started', value: dateTime(run.startedAt) },
    ...(run.endedAt === null ? [] : [{ name: 'Ended', value: dateTime(run.endedAt) }]),
  ];
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 border-b border-line px-4 py-3">
      {facts.map(({ name, value }) => (
        <div key={name} className="contents">
          <dt className="text-text-3">{name}</dt>
          <dd className="break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Run({ run }: { run: PipelineRunBody }) {
  const [change, setChange] = useState<Change | null>(null);
  const decides = [
    { needs: 'decidePipelineRun' as const, keys: 'a', label: 'approve', hint: true, run: () => setChange('approve') },
    { needs: 'decidePipelineRun' as const, keys: 'x', label: 'say no', hint: true, run: () => setChange('reject') },
  ];
  useShortcuts('Run', run.mayDecide ? decides : []);
  return (
    <>
      <PageHeader
        title={`${run.pipeline}, run ${run.number}`}
        heading={`Run ${run.number}`}
        parent={
          <Link to="/pipelines/$pipeline" params={{ pipeline: run.pipeline }} className="link">
            {run.pipeline}
          </Link>
        }
        actions={<Actions run={run} onChange={setChange} />}
      >
        <RunState state={run.state} />
      </PageHeader>
      <Asked run={run} onChange={setChange} />
      <p className="border-b border-line px-4 py-3 break-words" aria-live="polite">
        {run.sentence}
      </p>
      <h2 className="px-4 py-2 font-semibold">Steps</h2>
      <StepList run={run} />
      <Facts run={run} />
      {change && <ChangeRun run={run} change={change} onClose={() => setChange(null)} />}
    </>
  );
}

export function RunPage(): ReactNode {
  const { client } = useData();
  const { runId } = route.useParams();
  const { data, error, refetch } = useQuery(pipelineRunQuery(client, runId));
  if (data) return <Run run={data} />;
  if (error) return <PageError error={error} what="Run" onRetry={() => void refetch()} />;
  return <Loading what="the run" />;
}
