import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { readLink } from '../../data/playground-link.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { Loading, PageError } from '../../parts/request-state.tsx';
import { Playground } from './playground.tsx';
import { startFrom } from './start.ts';

const route = getRouteApi('/playground');

function Begun({ from, hash }: { from: string | undefined; hash: string }) {
  const { client } = useData();
  const query = useQuery({
    queryKey: ['playground', from, hash],
    queryFn: async () => {
      if (hash === '') return { state: await startFrom(client, from), cut: false };
      const state = await readLink(hash);
      return state ? { state, cut: false } : { state: await startFrom(client, from), cut: true };
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
  if (query.error)
    return <PageError error={query.error} what="What it shall begin with" onRetry={() => void query.refetch()} />;
  if (!query.data) return <Loading what="the playground" />;
  return (
    <>
      {query.data.cut && (
        <p role="alert" className="border-b border-line bg-warn-bg px-4 py-2">
          ▲ This link was cut on its way, so that what it held is not here.
        </p>
      )}
      <Playground initial={query.data.state} />
    </>
  );
}

/** `/playground`: empty, from a call or a version (`from`), or as somebody left it (the fragment). */
export function PlaygroundPage(): ReactNode {
  const { from } = route.useSearch();
  // What the address says when it is opened; from then on it follows the page.
  const [hash] = useState(() => location.hash.slice(1));
  const [, traceId, spanId] = /^span:([0-9a-f]+)\/([0-9a-f]+)$/.exec(from ?? '') ?? [];
  return (
    <>
      <PageHeader
        title="Playground"
        parent={
          <Link to="/models" className="link">
            Models
          </Link>
        }
      >
        {traceId !== undefined && spanId !== undefined && (
          <Link to="/traces/$traceId" params={{ traceId }} search={{ span: spanId }} className="link">
            from a span
          </Link>
        )}
      </PageHeader>
      <Begun key={from ?? ''} from={from} hash={hash} />
    </>
  );
}
