import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useData } from '../../data/data-context.tsx';
import { pipelinesQuery } from '../../data/pipeline-queries.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Loading, RequestError } from '../../parts/request-state.tsx';
import { NoPipelines } from './no-pipelines.tsx';
import { pipelineCells } from './pipeline-cells.tsx';

export function PipelinesPage(): ReactNode {
  const { client } = useData();
  const { data, error, isPending, hasNextPage, fetchNextPage, refetch } = useInfiniteQuery(pipelinesQuery(client));
  const rows = data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <>
      <PageHeader
        title="Pipelines"
        parent={
          <Link to="/releases" className="link">
            Releases
          </Link>
        }
      />
      {isPending && <Loading what="pipelines" />}
      {!data && error && <RequestError error={error} onRetry={() => void refetch()} />}
      {data && rows.length === 0 && <NoPipelines />}
      {rows.length > 0 && (
        <DataTable
          label="Pipelines"
          keysTitle="Pipelines"
          heads={['Pipeline', 'Starts', 'Newest run', 'What it says', 'Since']}
          rows={rows.map((pipeline) => ({ key: pipeline.name, cells: pipelineCells(pipeline) }))}
        />
      )}
      {hasNextPage && (
        <div className="p-4">
          <button type="button" className="btn" onClick={() => void fetchNextPage()}>
            Show more
          </button>
        </div>
      )}
    </>
  );
}
