import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useData } from '../../data/data-context.tsx';
import { clientOptions, commandAt, type Here, useHere } from '../../data/here.ts';
import { modelsQuery } from '../../data/queries.ts';
import { Empty, type Way } from '../../parts/empty.tsx';

type Names = { model: string; version: number };

const ways = ({ origin, curl, needsKey }: Here, { model, version }: Names): Way[] => [
  {
    title: 'From a terminal',
    text: 'A tenth of the callers get the new version; the line stays and says how it stands.',
    code: `${commandAt(origin)}wheelhouse release start ${model} ${version} --canary 10 --watch`,
  },
  {
    title: 'Over HTTP',
    text: 'Rails are filled in from what the alias did in the last seven days.',
    code: `curl ${origin}/api/v1/releases ${curl} \\
  -d '${JSON.stringify({ model, candidate: version, share: 0.1 })}'`,
  },
  {
    title: 'From code',
    text: 'The server sees to it from then on, also when this program has ended.',
    code: `import { createClient } from '@wheelhouse/sdk';

const client = createClient(${clientOptions(origin, needsKey)});
const { id } = await client.call('startRelease', {
  body: { model: '${model}', candidate: ${version}, share: 0.1 },
});`,
  },
];

export function NoReleases({ children }: { children: ReactNode }) {
  const { client } = useData();
  const known = useQuery(modelsQuery(client)).data?.find(({ latest, aliases }) => latest > 1 && aliases.length > 0);
  const names = { model: known?.name ?? 'support-bot', version: known?.latest ?? 2 };
  return (
    <Empty
      heading="No releases yet"
      text="A release gives a new version a share of an alias’s calls, watches what must not become worse, and takes it out again by itself when something does. Callers change nothing."
      ways={ways(useHere(), names)}
    >
      {children}
    </Empty>
  );
}
