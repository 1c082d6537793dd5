import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Navigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useData } from '../../data/data-context.tsx';
import { datasetsQuery } from '../../data/queries.ts';
import { Loading, NotFound, RequestError } from '../../parts/request-state.tsx';

const route = getRouteApi('/x/$id');

function ToDataset({ id }: { id: string }) {
  const { client } = useData();
  const datasets = useQuery(datasetsQuery(client));
  if (datasets.error) return <RequestError error={datasets.error} onRetry={() => void datasets.refetch()} />;
  if (!datasets.data) return <Loading what="datasets" />;
  const name = datasets.data.find((dataset) => dataset.id === id)?.name;
  return name ? <Navigate to="/datasets/$name" params={{ name }} replace /> : <NotFound what={`The dataset ${id}`} />;
}

/** One short link that always works, for log lines and terminals: the id says what it is. */
export function ShortLinkPage(): ReactNode {
  const { id } = route.useParams();
  if (/^[0-9a-f]{32}$/i.test(id))
    return <Navigate to="/traces/$traceId" params={{ traceId: id.toLowerCase() }} replace />;
  if (id.startsWith('cmp_')) return <Navigate to="/experiments/$comparisonId" params={{ comparisonId: id }} replace />;
  if (id.startsWith('ds_')) return <ToDataset id={id} />;
  return <NotFound what={id} />;
}
