import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import type { ModelBody } from '@wheelhouse/sdk';
import { Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { dateTime } from '../../data/format.ts';
import { clientOptions, type Here, useHere } from '../../data/here.ts';
import { modelsQuery } from '../../data/queries.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Empty, type Way } from '../../parts/empty.tsx';
import { May } from '../../parts/may.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Pill } from '../../parts/pill.tsx';
import { Loading, RequestError } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { VersionForm } from '../model/version-form.tsx';

const ways = ({ origin, curl, needsKey }: Here): Way[] => [
  {
    title: 'Here',
    text: (
      <>
        “New model”, or <kbd>n</kbd>: a name, a base model and a prompt with {'{{variables}}'}.
      </>
    ),
  },
  {
    title: 'From a terminal',
    text: 'Its first version comes with it.',
    code: `curl ${origin}/api/v1/models ${curl} \\
  -d '{
  "name": "support-bot",
  "version": {
    "baseModel": "sim/echo",
    "messages": [{ "role": "system", "content": "You answer for {{company}}." }]
  }
}'`,
  },
  {
    title: 'From code',
    text: 'Then it is called by its name from any OpenAI client: model: "support-bot@1".',
    code: `import { createClient } from '@wheelhouse/sdk';

const client = createClient(${clientOptions(origin, needsKey)});
await client.call('createModel', {
  body: { name: 'support-bot', version: { baseModel: 'sim/echo' } },
});`,
  },
];

function Rows({ models }: { models: ModelBody[] }) {
  return (
    <DataTable
      label="Models"
      keysTitle="Models"
      heads={['Name', 'Description', 'Latest', 'Aliases', 'Created']}
      rows={models.map((model) => ({
        key: model.name,
        cells: [
          <Link key="name" to="/models/$name" params={{ name: model.name }} className="link">
            {model.name}
          </Link>,
          <span key="description" className="text-text-2">
            {model.description}
          </span>,
          <span key="latest" className="mono">
            {model.latest === 0 ? '–' : `v${model.latest}`}
          </span>,
          <span key="aliases" className="flex flex-wrap gap-1">
            {model.aliases.map((alias) => (
              <Pill key={alias.alias} tone="accent">
                @{alias.alias} → v{alias.version}
              </Pill>
            ))}
          </span>,
          <span key="created" className="text-text-2">
            {dateTime(model.createdAt)}
          </span>,
        ],
      }))}
    />
  );
}

export function ModelsPage(): ReactNode {
  const { client } = useData();
  const navigate = useNavigate();
  const [making, setMaking] = useState(false);
  const query = useQuery(modelsQuery(client));
  const here = useHere();
  useShortcuts('Models', [
    { needs: 'createModel', keys: 'n', label: 'new model', hint: true, run: () => setMaking(true) },
  ]);
  const button = (
    <May call="createModel">
      <button type="button" className="btn btn-primary" onClick={() => setMaking(true)}>
        <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
        New model
      </button>
    </May>
  );
  return (
    <>
      <PageHeader title="Models" actions={button} />
      {query.isPending && <Loading what="models" />}
      {query.error && !query.data && <RequestError error={query.error} onRetry={() => void query.refetch()} />}
      {query.data?.length === 0 && (
        <Empty
          heading="No models yet"
          text="A model is what you call by a name of your own: a prompt with its base model and parameters, in immutable versions, behind aliases that you move."
          ways={ways(here)}
        >
          {button}
        </Empty>
      )}
      {query.data && query.data.length > 0 && <Rows models={query.data} />}
      {making && (
        <VersionForm
          model={null}
          onClose={() => setMaking(false)}
          onDone={(name) => void navigate({ to: '/models/$name', params: { name } })}
        />
      )}
    </>
  );
}
