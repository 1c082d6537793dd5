import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Navigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useData } from '../../data/data-context.tsx';
import { runQuery } from '../../data/evaluation-queries.ts';
import { datasetsQuery } from '../../data/queries.ts';
import { readShortLink } from '../../data/short-link.ts';
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

/** A run is one column of an evaluation. */
function ToRun({ id }: { id: string }) {
  const { client } = useData();
  const run = useQuery(runQuery(client, id));
  if (run.error) return <RequestError error={run.error} onRetry={() => void run.refetch()} />;
  if (run.isPending) return <Loading what="the run" />;
  if (run.data === null) return <NotFound what={`The run ${id}`} />;
  return <Navigate to="/experiments/$evaluationId" params={{ evaluationId: run.data }} replace />;
}

/** One short link that always works, for log lines and terminals: the id says what it is. */
export function ShortLinkPage(): ReactNode {
  const { id } = route.useParams();
  const link = readShortLink(id);
  switch (link?.to) {
    case 'trace': {
      const { traceId, spanId } = link;
      return (
        <Navigate to="/traces/$traceId" params={{ traceId }} search={spanId === null ? {} : { span: spanId }} replace />
      );
    }
    case 'evaluation':
      return <Navigate to="/experiments/$evaluationId" params={{ evaluationId: link.id }} replace />;
    case 'optimization':
      return <Navigate to="/experiments/optimizations/$optimizationId" params={{ optimizationId: link.id }} replace />;
    case 'release':
      return <Navigate to="/releases/$releaseId" params={{ releaseId: link.id }} replace />;
    case 'alert':
      return <Navigate to="/alerts/$alertId" params={{ alertId: link.id }} replace />;
    case 'run':
      return <ToRun id={link.id} />;
    case 'dataset':
      return <ToDataset id={link.id} />;
    case 'span':
      return (
        <NotFound what={`The span ${link.spanId}`}>
          A span is found through its trace: /x/<b className="font-semibold">trace id</b>-{link.spanId}, or the whole{' '}
          <span className="mono">traceparent</span> after /x/.
        </NotFound>
      );
    default:
      return (
        <NotFound what={id}>
          After /x/ comes the id of a trace (32 hex digits), of an evaluation (ev_…), of an optimization (op_…), of a
          run (run_…), of a dataset (ds_…), of a release (rel_…) or of an alert (al_…).
        </NotFound>
      );
  }
}
