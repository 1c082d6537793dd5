import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { useData } from '../../data/data-context.tsx';
import { type EvaluationSearch, evaluationsQuery } from '../../data/evaluation-queries.ts';
import { clientOptions, type Here, useHere } from '../../data/here.ts';
import { datasetsQuery, modelsQuery } from '../../data/queries.ts';
import { Empty, type Way } from '../../parts/empty.tsx';
import { EvaluationForm } from '../../parts/evaluation-form.tsx';
import { ExperimentTabs } from '../../parts/experiment-tabs.tsx';
import { May } from '../../parts/may.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Loading, RequestError } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { EvaluationList } from './evaluation-list.tsx';
import { Picked } from './picked.tsx';

const route = getRouteApi('/experiments');

type Names = { dataset: string; a: string; b: string };

/** What is there already, so that the command works as it stands. */
function useNames(): Names {
  const { client } = useData();
  const dataset = useQuery(datasetsQuery(client)).data?.[0]?.name ?? 'support-golden';
  const model = useQuery(modelsQuery(client)).data?.find(({ latest }) => latest > 1);
  const name = model?.name ?? 'support-bot';
  return { dataset, a: `${name}@${(model?.latest ?? 2) - 1}`, b: `${name}@${model?.latest ?? 2}` };
}

const ways = ({ origin, curl, needsKey }: Here, { dataset, a, b }: Names): Way[] => [
  {
    title: 'From a terminal',
    text: 'Ends with a verdict, an interval and an exit code that a pipeline can hold on to.',
    code: `${
      origin === 'http://127.0.0.1:4400'
        ? ''
        : `WHEELHOUSE_URL=${origin} \\
`
    }wheelhouse eval ${dataset} \\
  --run ${a} --run ${b}`,
  },
  {
    title: 'Over HTTP',
    text: 'The same job, from anywhere.',
    code: `curl ${origin}/api/v1/evaluations ${curl} \\
  -d '${JSON.stringify({ dataset, runs: [{ ref: a }, { ref: b }] })}'`,
  },
  {
    title: 'From code',
    text: 'The evaluation runs on the server; this asks for it.',
    code: `import { createClient } from '@wheelhouse/sdk';

const client = createClient(${clientOptions(origin, needsKey)});
const { id } = await client.call('createEvaluation', {
  body: { dataset: '${dataset}', runs: [{ ref: '${a}' }, { ref: '${b}' }] },
});`,
  },
];

function NoEvaluations({ children }: { children: ReactNode }) {
  return (
    <Empty
      heading="No evaluations yet"
      text="An evaluation runs models over the same dataset and says, row by row and with an interval, whether one is better."
      ways={ways(useHere(), useNames())}
    >
      {children}
    </Empty>
  );
}

const statuses = ['queued', 'running', 'completed', 'stopped', 'failed'] as const;

/** Which evaluations are listed; a filter is a link. */
function Filters({ search, onSearch }: { search: EvaluationSearch; onSearch: (search: EvaluationSearch) => void }) {
  const { client } = useData();
  const datasets = useQuery(datasetsQuery(client)).data?.map(({ name }) => name) ?? [];
  const models = useQuery(modelsQuery(client)).data?.map(({ name }) => name) ?? [];
  const choose = (key: keyof EvaluationSearch, label: string, values: readonly string[]) => {
    const value = search[key] ?? '';
    const known = value === '' || values.includes(value) ? values : [value, ...values];
    return (
      <select
        aria-label={label}
        className="field !w-auto max-w-48"
        value={value}
        onChange={(event) => {
          const { [key]: _, ...rest } = search;
          onSearch(event.target.value === '' ? rest : ({ ...rest, [key]: event.target.value } as EvaluationSearch));
        }}
      >
        <option value="">any {label.toLowerCase()}</option>
        {known.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    );
  };
  return (
    <fieldset className="flex flex-none flex-wrap items-center gap-2 border-b border-line px-4 py-2">
      <legend className="sr-only">Evaluations to show</legend>
      {choose('dataset', 'Dataset', datasets)}
      {choose('model', 'Model', models)}
      {choose('status', 'Status', statuses)}
    </fieldset>
  );
}

export function ExperimentsPage(): ReactNode {
  const { client } = useData();
  const navigate = useNavigate();
  const { open, pick = '', ...search } = route.useSearch();
  const query = useInfiniteQuery(evaluationsQuery(client, search));
  const evaluations = query.data?.pages.flatMap((page) => page.data) ?? [];
  const isFiltered = Object.keys(search).length > 0;
  const picked = pick.split(',').filter((id) => id !== '');
  const setPicked = (ids: string[]) =>
    void navigate({
      to: '/experiments',
      search: { ...search, ...(ids.length === 0 ? {} : { pick: ids.join(',') }) },
      replace: true,
    });
  const kept = pick === '' ? {} : { pick };
  const go = (next: typeof search & { open?: 'new' }) =>
    void navigate({
      to: '/experiments',
      search: { ...next, ...kept },
      replace: next.open === undefined && open === undefined,
    });
  const make = () => go({ ...search, open: 'new' });
  useShortcuts('Experiments', [
    { needs: 'createEvaluation', keys: 'n', label: 'new evaluation', hint: true, run: make },
  ]);
  const button = (
    <May call="createEvaluation">
      <button type="button" className="btn btn-primary" onClick={make}>
        <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
        New evaluation
      </button>
    </May>
  );
  return (
    <>
      <PageHeader title="Experiments" actions={button} />
      <ExperimentTabs />
      {(isFiltered || evaluations.length > 0) && <Filters search={search} onSearch={go} />}
      <Picked picked={evaluations.filter(({ id }) => picked.includes(id))} onClear={() => setPicked([])} />
      {query.isPending && <Loading what="evaluations" />}
      {query.error && !query.data && <RequestError error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && evaluations.length === 0 && !isFiltered && <NoEvaluations>{button}</NoEvaluations>}
      {query.isSuccess && evaluations.length === 0 && isFiltered && (
        <p className="p-6 text-text-2">
          No evaluation fits.{' '}
          <button type="button" className="link min-h-6 underline" onClick={() => go({})}>
            Show all
          </button>
        </p>
      )}
      {evaluations.length > 0 && (
        <EvaluationList
          evaluations={evaluations}
          picked={picked}
          onPick={(id, isPicked) => setPicked(isPicked ? [...picked, id] : picked.filter((one) => one !== id))}
        />
      )}
      {query.hasNextPage && (
        <div className="p-4">
          <button type="button" className="btn" onClick={() => void query.fetchNextPage()}>
            Show older
          </button>
        </div>
      )}
      {open === 'new' && <EvaluationForm onClose={() => go(search)} />}
    </>
  );
}
