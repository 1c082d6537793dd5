import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Plus, TrendingUp } from 'lucide-react';
import { lazy, type ReactNode, Suspense } from 'react';
import { useData } from '../../data/data-context.tsx';
import { type EvaluationSearch, evaluationsQuery } from '../../data/evaluation-queries.ts';
import { newestFirst } from '../../data/newest-first.ts';
import { type OptimizationSearch, optimizationsQuery } from '../../data/optimization-queries.ts';
import { datasetsQuery, modelsQuery } from '../../data/queries.ts';
import { withValue } from '../../data/route-search.ts';
import { ExperimentTabs } from '../../parts/experiment-tabs.tsx';
import { Choice, ListFilters, NothingFits } from '../../parts/list-filters.tsx';
import { May } from '../../parts/may.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Loading, RequestError } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { ShowMore } from '../../parts/show-more.tsx';
import { type Experiment, ExperimentList, isEvaluation } from './experiment-list.tsx';
import { NoEvaluations, NoOptimizations } from './no-experiments.tsx';
import { Picked } from './picked.tsx';

// What a first look does not need comes when it is asked for.
const EvaluationForm = lazy(async () => ({
  default: (await import('../../parts/evaluation-form.tsx')).EvaluationForm,
}));
const OptimizationForm = lazy(async () => ({
  default: (await import('../../parts/optimization-form.tsx')).OptimizationForm,
}));

const route = getRouteApi('/experiments');

const statuses = ['queued', 'running', 'completed', 'stopped', 'failed'] as const;

function Filters({ search, onSearch }: { search: EvaluationSearch; onSearch: (search: EvaluationSearch) => void }) {
  const { client } = useData();
  const datasets = useQuery(datasetsQuery(client)).data?.map(({ name }) => name) ?? [];
  const models = useQuery(modelsQuery(client)).data?.map(({ name }) => name) ?? [];
  return (
    <ListFilters of="Experiments">
      <Choice
        label="Dataset"
        none="any dataset"
        choices={datasets}
        value={search.dataset}
        onChoose={(next) => onSearch(withValue(search, 'dataset', next))}
      />
      <Choice
        label="Model"
        none="any model"
        choices={models}
        value={search.model}
        onChoose={(next) => onSearch(withValue(search, 'model', next))}
      />
      <Choice
        label="Status"
        none="any status"
        choices={statuses}
        value={search.status}
        onChoose={(next) => onSearch(withValue(search, 'status', next))}
      />
    </ListFilters>
  );
}

/** The same, as optimizations are asked for; of a registered program. */
const asOptimizations = ({ model, dataset, status }: EvaluationSearch): OptimizationSearch => ({
  ...(model === undefined ? {} : { program: model }),
  ...(dataset === undefined ? {} : { dataset }),
  ...(status === undefined ? {} : { state: status === 'completed' ? 'done' : status }),
});

/** Evaluations and optimizations as one list; of one kind where one is asked for. */
function useExperiments(kind: 'evaluations' | 'optimizations' | undefined, search: EvaluationSearch) {
  const { client } = useData();
  const [ofEvaluations, ofOptimizations] = [kind !== 'optimizations', kind !== 'evaluations'];
  const evaluations = useInfiniteQuery({ ...evaluationsQuery(client, search), enabled: ofEvaluations });
  const optimizations = useInfiniteQuery(optimizationsQuery(client, asOptimizations(search), ofOptimizations));
  const asked = [...(ofEvaluations ? [evaluations] : []), ...(ofOptimizations ? [optimizations] : [])];
  const rowsOf = (query: typeof evaluations | typeof optimizations): Experiment[] =>
    query.data?.pages.flatMap((page): Experiment[] => page.data) ?? [];
  return {
    rows: newestFirst(asked.map((query) => ({ rows: rowsOf(query), hasMore: query.hasNextPage }))),
    isPending: asked.some((query) => query.isPending),
    error: asked.find((query) => query.error && !query.data)?.error ?? null,
    hasNextPage: asked.some((query) => query.hasNextPage),
    fetchNextPage: () => {
      for (const query of asked) if (query.hasNextPage) void query.fetchNextPage();
    },
    readAgain: () => {
      for (const query of asked) void query.refetch();
    },
  };
}

function Buttons({ onEvaluate, onOptimize }: { onEvaluate: () => void; onOptimize: () => void }) {
  return (
    <>
      <May call="createOptimization">
        <button type="button" className="btn" onClick={onOptimize}>
          <TrendingUp size={13} strokeWidth={1.75} aria-hidden="true" />
          Optimize …
        </button>
      </May>
      <May call="createEvaluation">
        <button type="button" className="btn btn-primary" onClick={onEvaluate}>
          <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
          New evaluation
        </button>
      </May>
    </>
  );
}

export function ExperimentsPage(): ReactNode {
  const navigate = useNavigate();
  const { open, pick = '', kind, ...search } = route.useSearch();
  const { rows, isPending, error, hasNextPage, fetchNextPage, readAgain } = useExperiments(kind, search);
  const isFiltered = Object.keys(search).length > 0;
  const picked = pick.split(',').filter((id) => id !== '');
  const here = { ...search, ...(kind === undefined ? {} : { kind }) };
  const setPicked = (ids: string[]) =>
    void navigate({
      to: '/experiments',
      search: { ...here, ...(ids.length === 0 ? {} : { pick: ids.join(',') }) },
      replace: true,
    });
  const kept = pick === '' ? {} : { pick };
  const go = (next: EvaluationSearch & { open?: 'new' | 'optimize' }) =>
    void navigate({
      to: '/experiments',
      search: { ...(kind === undefined ? {} : { kind }), ...next, ...kept },
      replace: next.open === undefined && open === undefined,
    });
  const evaluate = () => go({ ...search, open: 'new' });
  const optimize = () => go({ ...search, open: 'optimize' });
  useShortcuts('Experiments', [
    { needs: 'createEvaluation', keys: 'n', label: 'new evaluation', hint: true, run: evaluate },
    { needs: 'createOptimization', keys: 'o', label: 'optimize …', hint: true, run: optimize },
  ]);
  const buttons = <Buttons onEvaluate={evaluate} onOptimize={optimize} />;
  const isEmpty = !isPending && error === null && rows.length === 0 && !hasNextPage;
  const None = kind === 'optimizations' ? NoOptimizations : NoEvaluations;
  return (
    <>
      <PageHeader title="Experiments" actions={buttons} />
      <ExperimentTabs now={kind ?? 'all'} />
      {(isFiltered || rows.length > 0) && <Filters search={search} onSearch={go} />}
      <Picked
        picked={rows.filter(isEvaluation).filter(({ id }) => picked.includes(id))}
        onClear={() => setPicked([])}
      />
      {isPending && rows.length === 0 && <Loading what="experiments" />}
      {error && <RequestError error={error} onRetry={readAgain} />}
      {isEmpty && !isFiltered && <None>{buttons}</None>}
      {isEmpty && isFiltered && <NothingFits onClear={() => go({})} />}
      {rows.length > 0 && (
        <ExperimentList
          rows={rows}
          picked={picked}
          onPick={(id, isPicked) => setPicked(isPicked ? [...picked, id] : picked.filter((one) => one !== id))}
        />
      )}
      <ShowMore query={{ hasNextPage, fetchNextPage }} />
      <Suspense fallback={null}>
        {open === 'new' && <EvaluationForm onClose={() => go(search)} />}
        {open === 'optimize' && <OptimizationForm onClose={() => go(search)} />}
      </Suspense>
    </>
  );
}
