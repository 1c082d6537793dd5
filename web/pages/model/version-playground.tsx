import { useQuery } from '@tanstack/react-query';
import type { ModelVersionBody } from '@wheelhouse/sdk';
import { useState } from 'react';
import { readLink } from '../../data/playground-link.ts';
import { Loading } from '../../parts/request-state.tsx';
import { Playground } from '../playground/playground.tsx';
import { stateOfVersion } from '../playground/start.ts';

/** The playground of one version, or as somebody left it there. */
export function VersionPlayground({ name, version }: { name: string; version: ModelVersionBody }) {
  const [hash] = useState(() => location.hash.slice(1));
  const { data } = useQuery({
    queryKey: ['playground', name, version.number, hash],
    queryFn: async () => (hash === '' ? null : await readLink(hash)) ?? stateOfVersion({ name, version }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  return data ? <Playground initial={data} /> : <Loading what="the playground" />;
}
