import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { PipelineBody } from '@wheelhouse/sdk';
import { Pencil, Play, Trash2 } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { dateTime, plural } from '../../data/format.ts';
import { pipelineQuery, pipelineRunsQuery } from '../../data/pipeline-queries.ts';
import { settingsOf, stepDoes, triggerText } from '../../data/pipeline-words.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { May } from '../../parts/may.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { ErrorText, Loading, PageError } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { ShowMore } from '../../parts/show-more.tsx';
import { runCells } from './pipeline-cells.tsx';

const PipelineEditor = lazy(async () => ({ default: (await import('./edit/pipeline-editor.tsx')).PipelineEditor }));

const route = getRouteApi('/pipelines/$pipeline');

function Steps({ definition }: Pick<PipelineBody, 'definition'>) {
  return (
    <ol aria-label="Steps" className="border-b border-line bg-surface">
      {definition.steps.map((step, i) => (
        <li key={step.name} className="flex gap-3 border-b border-line px-4 py-2 last:border-b-0">
          <span className="mono w-5 flex-none text-right text-text-3">{i + 1}</span>
          <div className="min-w-0">
            <h3 className="font-medium">
              {step.name} <span className="font-normal text-text-3">{stepDoes[step.do]}</span>
            </h3>
            <p className="text-sm break-words text-text-2">
              {settingsOf(step).map(({ name, value }) => (
                <span key={name} className="mr-3 inline-block max-w-full break-words">
                  <span className="text-text-3">{name}</span> {value}
                </span>
              ))}
            </p>
          </div>
        </li>
      ))}
    </ol>
  );
}

function Facts({ pipeline }: { pipeline: PipelineBody }) {
  const { definition, appliedBy, changedAt, nextAt, pending } = pipeline;
  const { model, alias, candidate, triggers, budget, restHours } = definition;
  const starts = [...triggers.map(triggerText), 'by hand'].join(', ');
  const facts: { name: string; value: ReactNode }[] = [
    {
      name: 'Model',
      value: <Link to="/models/$name" params={{ name: model }} className="link">{`${model}@${alias}`}</Link>,
    },
    ...(candidate === null ? [] : [{ name: 'Candidate', value: `${model}@${candidate}` }]),
    { name: 'Starts', value: starts },
    ...(nextAt === null ? [] : [{ name: 'Next', value: dateTime(nextAt) }]),
    ...(pending === null ? [] : [{ name: 'Waits to start', value: pending.sentence }]),
    ...(triggers.length === 0 ? [] : [{ name: 'Rests', value: `${plural(restHours, 'hour')} after each run` }]),
    { name: 'Budget', value: budget === null ? 'no bound' : `$${Number(budget)} a run` },
    { name: 'Acts as', value: `${appliedBy}, who set it up at ${dateTime(changedAt)}` },
  ];
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 border-b border-line px-4 py-3">
      {facts.map(({ name, value }) => (
        <div key={name} className="contents">
          <dt className="text-text-3">{name}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Runs({ pipeline }: { pipeline: string }) {
  const { client } = useData();
  const query = useInfiniteQuery(pipelineRunsQuery(client, pipeline));
  const rows = query.data?.pages.flatMap((page) => page.data) ?? [];
  if (query.data === undefined) return <Loading what="runs" />;
  if (rows.length === 0) return <p className="p-4 text-text-2">It never ran.</p>;
  return (
    <>
      <DataTable
        label="Runs"
        keysTitle="Runs"
        heads={['Run', 'State', 'What it says', 'Why it began', 'Cost', 'Started']}
        right={[4]}
        rows={rows.map((run) => ({ key: run.id, cells: runCells(run) }))}
      />
      <ShowMore query={query} />
    </>
  );
}

function useRun(name: string) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: () => client.call('runPipeline', { params: { pipeline: name }, body: {} }),
    onSuccess: async ({ id }) => {
      await queryClient.invalidateQueries({ queryKey: ['pipeline', name] });
      await navigate({ to: '/pipelines/$pipeline/runs/$runId', params: { pipeline: name, runId: id } });
    },
  });
}

function Pipeline({ pipeline }: { pipeline: PipelineBody }) {
  const { client } = useData();
  const navigate = useNavigate();
  const [removes, setRemoves] = useState(false);
  const { name, definition, newest } = pipeline;
  const start = useRun(name);
  const isBusy = newest !== null && newest.endedAt === null;
  const whyNot = isBusy ? `Run ${newest.number} is under way` : null;
  const run = () => {
    if (whyNot === null && !start.isPending) start.mutate();
  };
  const edit = () =>
    void navigate({ to: '/pipelines/$pipeline', params: { pipeline: name }, search: { open: 'edit' } });
  useShortcuts('Pipeline', [
    { needs: 'runPipeline', keys: 'r', label: 'run it', hint: true, run },
    { needs: 'setPipeline', keys: 'e', label: 'edit', hint: true, run: edit },
  ]);
  return (
    <>
      <PageHeader
        title={name}
        parent={
          <Link to="/pipelines" className="link">
            Pipelines
          </Link>
        }
        actions={
          <>
            <May call="setPipeline">
              <button type="button" className="btn" onClick={edit}>
                <Pencil size={13} strokeWidth={1.75} aria-hidden="true" />
                Edit
              </button>
            </May>
            <May call="removePipeline">
              <button type="button" className="btn" disabled={isBusy} onClick={() => setRemoves(true)}>
                <Trash2 size={13} strokeWidth={1.75} aria-hidden="true" />
                Remove …
              </button>
            </May>
            <May call="runPipeline">
              <button
                type="button"
                className="btn btn-primary"
                aria-disabled={whyNot !== null}
                title={whyNot ?? 'Starts a run in your name'}
                onClick={run}
              >
                <Play size={13} strokeWidth={1.75} aria-hidden="true" />
                Run now
              </button>
            </May>
          </>
        }
      />
      {start.error && (
        <div className="px-4 py-3">
          <ErrorText error={start.error} />
        </div>
      )}
      {definition.description !== '' && (
        <p className="border-b border-line px-4 py-3 break-words text-text-2">{definition.description}</p>
      )}
      <Facts pipeline={pipeline} />
      <h2 className="px-4 py-2 font-semibold">Steps</h2>
      <Steps definition={definition} />
      <h2 className="px-4 py-2 font-semibold">Runs</h2>
      <Runs pipeline={name} />
      {removes && (
        <Confirm
          title={`Remove ${name}`}
          action="Remove the pipeline"
          run={async () => {
            await client.call('removePipeline', { params: { pipeline: name } });
            await navigate({ to: '/pipelines' });
          }}
          done={`${name} is gone`}
          changes={['pipelines']}
          onClose={() => setRemoves(false)}
        >
          Its definition and the record of its runs go for good. Datasets, evaluations, versions and releases that they
          made stay.
        </Confirm>
      )}
    </>
  );
}

/** As it was when the form was opened: what somebody else sets meanwhile is told when it is saved. */
function KeptEditor({ pipeline, onClose }: { pipeline: PipelineBody; onClose: () => void }) {
  const [known] = useState(pipeline);
  return <PipelineEditor known={known} model={known.definition.model} onClose={onClose} />;
}

export function PipelinePage(): ReactNode {
  const { client } = useData();
  const { pipeline: name } = route.useParams();
  const { data, error, refetch } = useQuery(pipelineQuery(client, name));
  const { open } = route.useSearch();
  const navigate = useNavigate();
  if (data && open === 'edit')
    return (
      <Suspense fallback={<Loading what="the form" />}>
        <KeptEditor
          pipeline={data}
          onClose={() => void navigate({ to: '/pipelines/$pipeline', params: { pipeline: name } })}
        />
      </Suspense>
    );
  if (data) return <Pipeline pipeline={data} />;
  if (error) return <PageError error={error} what="Pipeline" onRetry={() => void refetch()} />;
  return <Loading what="the pipeline" />;
}
