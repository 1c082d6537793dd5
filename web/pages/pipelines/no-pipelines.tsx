import { useQuery } from '@tanstack/react-query';
import { useData } from '../../data/data-context.tsx';
import { clientOptions, type Here, useHere } from '../../data/here.ts';
import { modelsQuery } from '../../data/queries.ts';
import { Empty, type Way } from '../../parts/empty.tsx';

const file = (model: string) => `name: refresh
model: ${model}
triggers:
  - { on: rolled_back }
  - { on: schedule, cron: '0 3 * * mon' }
steps:
  - { do: dataset, dataset: failures, least: 50 }
  - { do: optimize, budget: { dollars: 5 } }
  - { do: publish }
  - { do: evaluate, dataset: golden, gates: ['exact >= baseline - 2pp'] }
  - { do: approve, role: admin }
  - { do: release, share: 0.1 }`;

const ways = ({ origin, curl, needsKey }: Here, model: string): Way[] => [
  {
    title: 'From a terminal',
    text: 'A file says it all; wheelhouse pipeline apply refresh.yaml sets it up, and the same file again changes nothing.',
    code: file(model),
  },
  {
    title: 'Over HTTP',
    text: 'The same as JSON. What is wrong with a step is said at once, with the step’s name.',
    code: `curl -X PUT ${origin}/api/v1/pipelines/check ${curl} \\
  -d '${JSON.stringify({ model, candidate: 'staging', steps: [{ do: 'evaluate', dataset: 'golden' }, { do: 'release' }] })}'`,
  },
  {
    title: 'From code',
    text: 'The server goes on with the run, whatever becomes of this program.',
    code: `import { createClient } from '@wheelhouse/sdk';

const client = createClient(${clientOptions(origin, needsKey)});
await client.call('runPipeline', { params: { pipeline: 'refresh' }, body: {} });`,
  },
];

export function NoPipelines() {
  const { client } = useData();
  const known = useQuery(modelsQuery(client)).data?.find(({ aliases }) => aliases.length > 0);
  return (
    <Empty
      heading="No pipelines yet"
      text="A pipeline makes a better version of a model and releases it, again and again: rows become a dataset, a search finds a better program, gates and a person say yes, and a canary takes it to the alias."
      ways={ways(useHere(), known?.name ?? 'support-bot')}
    />
  );
}
