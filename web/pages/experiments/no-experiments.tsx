import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useData } from '../../data/data-context.tsx';
import { clientOptions, commandAt, type Here, useHere } from '../../data/here.ts';
import { datasetsQuery, modelsQuery } from '../../data/queries.ts';
import { Empty, type Way } from '../../parts/empty.tsx';

type Names = { dataset: string; a: string; b: string };

/** What is there already, so that the command works as it stands. */
function useNames(): Names {
  const { client } = useData();
  const dataset = useQuery(datasetsQuery(client)).data?.[0]?.name ?? 'support-golden';
  const model = useQuery(modelsQuery(client)).data?.find(({ latest }) => latest > 1);
  const name = model?.name ?? 'support-bot';
  return { dataset, a: `${name}@${(model?.latest ?? 2) - 1}`, b: `${name}@${model?.latest ?? 2}` };
}

const evaluationWays = ({ origin, curl, needsKey }: Here, { dataset, a, b }: Names): Way[] => [
  {
    title: 'From a terminal',
    text: 'Ends with a verdict, an interval and an exit code that a pipeline can hold on to.',
    code: `${commandAt(origin)}wheelhouse eval ${dataset} \\
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

export function NoEvaluations({ children }: { children: ReactNode }) {
  return (
    <Empty
      heading="No evaluations yet"
      text="An evaluation runs models over the same dataset and says, row by row and with an interval, whether one is better."
      ways={evaluationWays(useHere(), useNames())}
    >
      {children}
    </Empty>
  );
}

const optimizationWays = ({ origin, curl }: Here, { dataset, b }: Names): Way[] => [
  {
    title: 'From a terminal',
    text: 'Of a registered program or prompt; `wheelhouse optimize new` writes one that runs where its code is.',
    code: `${commandAt(origin)}wheelhouse optimize start ${b} \\
  --dataset ${dataset} --scorers exact --calls 500`,
  },
  {
    title: 'Over HTTP',
    text: 'A job of the server, which goes on when everybody has left.',
    code: `curl ${origin}/api/v1/optimizations ${curl} \\
  -d '${JSON.stringify({ program: b, dataset, scorers: ['exact'], budget: { calls: 500 } })}'`,
  },
];

export function NoOptimizations({ children }: { children: ReactNode }) {
  return (
    <Empty
      heading="No optimizations yet"
      text="An optimization looks for better instructions and demonstrations of a program or prompt, within a budget, and says on rows that it never saw whether they are better."
      ways={optimizationWays(useHere(), useNames())}
    >
      {children}
    </Empty>
  );
}
