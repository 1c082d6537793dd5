import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ResponseBody } from '@wheelhouse/sdk';
import { FlaskConical, Plus, Snowflake, Upload } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { dateTime, plural, shortHash } from '../../data/format.ts';
import { datasetQuery } from '../../data/queries.ts';
import { EvaluationForm } from '../../parts/evaluation-form.tsx';
import { May } from '../../parts/may.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Pill } from '../../parts/pill.tsx';
import { ErrorText, Loading, PageError } from '../../parts/request-state.tsx';
import { useToast } from '../../parts/toast.tsx';
import { ExampleForm } from './example-form.tsx';
import { HealthTab } from './health-tab.tsx';
import { JobsTab } from './jobs-tab.tsx';
import { type EditedExample, RowsTab } from './rows-tab.tsx';
import { VersionsTab } from './versions-tab.tsx';

const ImportForm = lazy(async () => ({ default: (await import('./import-form.tsx')).ImportForm }));
const SynthesisForm = lazy(async () => ({ default: (await import('./synthesis-form.tsx')).SynthesisForm }));
const TracesForm = lazy(async () => ({ default: (await import('./traces-form.tsx')).TracesForm }));
const SchemaTab = lazy(async () => ({ default: (await import('./schema-tab.tsx')).SchemaTab }));
const SplitsTab = lazy(async () => ({ default: (await import('./splits-tab.tsx')).SplitsTab }));
const RulesTab = lazy(async () => ({ default: (await import('./rules-tab.tsx')).RulesTab }));
const RecipeTab = lazy(async () => ({ default: (await import('./recipe-tab.tsx')).RecipeTab }));

const route = getRouteApi('/datasets/$name');

type Detail = ResponseBody<'getDataset'>;

function VersionSelect({ detail, version }: { detail: Detail; version: number | undefined }) {
  const search = route.useSearch();
  const navigate = useNavigate();
  const { dataset, versions } = detail;
  const namesOf = (number: number) =>
    Object.entries(dataset.aliases).flatMap(([alias, at]) => (at === number ? [`@${alias}`] : []));
  return (
    <select
      aria-label="Version"
      className="field !w-auto max-w-72"
      value={version ?? ''}
      onChange={(event) => {
        const { version: _, ...rest } = search;
        void navigate({
          to: '/datasets/$name',
          params: { name: dataset.name },
          search: event.target.value === '' ? rest : { ...rest, version: Number(event.target.value) },
        });
      }}
    >
      <option value="">draft · {plural(dataset.draftCount, 'example')}</option>
      {versions.map((one) => (
        <option key={one.number} value={one.number}>
          {[`v${one.number}`, ...namesOf(one.number)].join(' ')} · {plural(one.count, 'example')} ·{' '}
          {shortHash(one.hash)}
        </option>
      ))}
    </select>
  );
}

/** Why the draft cannot be frozen now; null when it can. */
function notFreezable({ dataset }: Detail): string | null {
  if (dataset.draftCount === 0) return 'There is nothing to freeze yet.';
  if (!dataset.changed) return `The draft equals v${dataset.head}.`;
  return null;
}

function Freeze({ detail }: { detail: Detail }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const { name, head } = detail.dataset;
  const why = notFreezable(detail);
  const freeze = useMutation({
    mutationFn: () => client.call('freezeDataset', { params: { name } }),
    onSuccess: async (version) => {
      toast(`✓ Frozen as v${version.number}, ${plural(version.count, 'example')}`);
      await Promise.all([
        queryClient.invalidateQueries({ queryKey: ['dataset', name] }),
        queryClient.invalidateQueries({ queryKey: ['datasets'] }),
      ]);
    },
  });
  return (
    <May call="freezeDataset">
      <button
        type="button"
        className="btn"
        disabled={why !== null || freeze.isPending}
        title={why ?? 'Versions never change'}
        onClick={() => freeze.mutate()}
      >
        <Snowflake size={13} strokeWidth={1.75} aria-hidden="true" />
        {freeze.isPending ? 'Freezing …' : `Freeze v${head + 1}`}
      </button>
      {freeze.error && <ErrorText error={freeze.error} />}
    </May>
  );
}

type Open = 'import' | 'evaluate' | 'synthesis' | 'traces';
type HeaderProps = { detail: Detail; onAdd: () => void; onOpen: (open: Open) => void };

function Header({ detail, onAdd, onOpen }: HeaderProps) {
  const { version } = route.useSearch();
  const { dataset, versions } = detail;
  const frozen = versions.find((one) => one.number === version);
  const about = [
    ...(dataset.source === '' ? [] : [`from ${dataset.source}`]),
    ...(dataset.licence === '' ? [] : [dataset.licence]),
  ].join(' · ');
  return (
    <PageHeader
      title={dataset.name}
      parent={
        <Link to="/datasets" className="link">
          Datasets
        </Link>
      }
      actions={
        <>
          <May call="addExamples">
            <button type="button" className="btn" onClick={onAdd}>
              <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
              Add example
            </button>
            <button type="button" className="btn" onClick={() => onOpen('import')}>
              <Upload size={13} strokeWidth={1.75} aria-hidden="true" />
              Import …
            </button>
          </May>
          <Freeze detail={detail} />
          <May call="createEvaluation">
            <button
              type="button"
              className="btn btn-primary"
              disabled={dataset.draftCount === 0 && dataset.head === 0}
              onClick={() => onOpen('evaluate')}
            >
              <FlaskConical size={13} strokeWidth={1.75} aria-hidden="true" />
              Evaluate on it
            </button>
          </May>
        </>
      }
    >
      <VersionSelect detail={detail} version={version} />
      {frozen ? (
        <span className="text-text-2">
          <span className="mono" title={frozen.hash}>
            {shortHash(frozen.hash)}
          </span>{' '}
          · frozen {dateTime(frozen.createdAt)}
        </span>
      ) : (
        <span className="text-text-2">{notFreezable(detail) ?? <Pill tone="warn">▲ unfrozen changes</Pill>}</span>
      )}
      {dataset.description && <span className="text-text-3">{dataset.description}</span>}
      {about !== '' && <span className="text-text-3">{about}</span>}
    </PageHeader>
  );
}

const tabs = [
  { tab: undefined, label: 'Rows' },
  { tab: 'schema', label: 'Schema' },
  { tab: 'splits', label: 'Splits' },
  { tab: 'rules', label: 'Rules' },
  { tab: 'recipe', label: 'Recipe' },
  { tab: 'versions', label: 'Versions' },
  { tab: 'health', label: 'Health' },
  { tab: 'jobs', label: 'Jobs' },
] as const;

function Tabs({ name }: { name: string }) {
  const { tab: now, version } = route.useSearch();
  return (
    <nav
      aria-label="Parts of the dataset"
      className="flex flex-none flex-wrap items-center gap-1 border-b border-line px-2 py-1"
    >
      {tabs.map(({ tab, label }) => (
        <Link
          key={label}
          to="/datasets/$name"
          params={{ name }}
          search={{ ...(version === undefined ? {} : { version }), ...(tab === undefined ? {} : { tab }) }}
          className={`btn !min-h-6 ${tab === now ? '!border-line-strong' : 'btn-quiet'}`}
          aria-current={tab === now ? 'page' : undefined}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}

export function DatasetPage(): ReactNode {
  const { name } = route.useParams();
  const { open, ...search } = route.useSearch();
  const { client } = useData();
  const navigate = useNavigate();
  const [edited, setEdited] = useState<EditedExample | null>(null);
  const query = useQuery(datasetQuery(client, name));
  const show = (next: Open | undefined) =>
    void navigate({
      to: '/datasets/$name',
      params: { name },
      search: next === undefined ? search : { ...search, open: next },
      replace: next === undefined,
    });
  const close = () => show(undefined);
  if (!query.data) {
    if (!query.error) return <Loading what="the dataset" />;
    return <PageError error={query.error} what={`The dataset ${name}`} onRetry={() => void query.refetch()} />;
  }
  return (
    <>
      <Header detail={query.data} onAdd={() => setEdited({ example: null })} onOpen={show} />
      <Tabs name={name} />
      {search.tab === undefined && <RowsTab key={name} name={name} onEdit={setEdited} onOpen={show} />}
      {search.tab === 'versions' && <VersionsTab detail={query.data} />}
      {search.tab === 'health' && <HealthTab detail={query.data} />}
      {search.tab === 'jobs' && <JobsTab name={name} />}
      <Suspense fallback={<Loading what="this part" />}>
        {search.tab === 'schema' && <SchemaTab key={name} detail={query.data} />}
        {search.tab === 'splits' && <SplitsTab key={name} detail={query.data} />}
        {search.tab === 'rules' && <RulesTab name={name} onNew={() => show('traces')} />}
        {search.tab === 'recipe' && <RecipeTab key={name} detail={query.data} />}
      </Suspense>
      {edited && <ExampleForm dataset={name} example={edited.example} onClose={() => setEdited(null)} />}
      {open === 'evaluate' && <EvaluationForm dataset={name} onClose={close} />}
      <Suspense fallback={null}>
        {open === 'import' && <ImportForm dataset={name} onClose={close} />}
        {open === 'traces' && <TracesForm dataset={name} onClose={close} />}
        {open === 'synthesis' && <SynthesisForm detail={query.data} onClose={close} />}
      </Suspense>
    </>
  );
}
