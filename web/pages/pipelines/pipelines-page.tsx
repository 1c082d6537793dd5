import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { lazy, type ReactNode, Suspense } from 'react';
import { useData } from '../../data/data-context.tsx';
import { pipelinesQuery } from '../../data/pipeline-queries.ts';
import { modelsQuery } from '../../data/queries.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { May } from '../../parts/may.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Loading, QueryState } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { ShowMore } from '../../parts/show-more.tsx';
import { NoPipelines } from './no-pipelines.tsx';
import { pipelineCells } from './pipeline-cells.tsx';

const PipelineEditor = lazy(async () => ({ default: (await import('./edit/pipeline-editor.tsx')).PipelineEditor }));

const route = getRouteApi('/pipelines');

function NewPipeline(): ReactNode {
  const { client } = useData();
  const navigate = useNavigate();
  const models = useQuery(modelsQuery(client)).data;
  if (models === undefined) return <Loading what="the models" />;
  const first = models.find(({ aliases }) => aliases.length > 0)?.name ?? '';
  return (
    <Suspense fallback={<Loading what="the form" />}>
      <PipelineEditor known={null} model={first} onClose={() => void navigate({ to: '/pipelines' })} />
    </Suspense>
  );
}

export function PipelinesPage(): ReactNode {
  const { open } = route.useSearch();
  return open === 'new' ? <NewPipeline /> : <Pipelines />;
}

function Pipelines(): ReactNode {
  const { client } = useData();
  const query = useInfiniteQuery(pipelinesQuery(client));
  const { data } = query;
  const rows = data?.pages.flatMap((page) => page.data) ?? [];
  const navigate = useNavigate();
  const make = () => void navigate({ to: '/pipelines', search: { open: 'new' } });
  useShortcuts('Pipelines', [{ needs: 'setPipeline', keys: 'n', label: 'new pipeline', hint: true, run: make }]);
  return (
    <>
      <PageHeader
        title="Pipelines"
        parent={
          <Link to="/releases" className="link">
            Releases
          </Link>
        }
        actions={
          <May call="setPipeline">
            <button type="button" className="btn btn-primary" onClick={make}>
              <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
              New pipeline
            </button>
          </May>
        }
      />
      <QueryState query={query} what="pipelines" />
      {data && rows.length === 0 && <NoPipelines />}
      {rows.length > 0 && (
        <DataTable
          label="Pipelines"
          keysTitle="Pipelines"
          heads={['Pipeline', 'Starts', 'Newest run', 'What it says', 'Since']}
          rows={rows.map((pipeline) => ({ key: pipeline.name, cells: pipelineCells(pipeline) }))}
        />
      )}
      <ShowMore query={query}>Show more</ShowMore>
    </>
  );
}
