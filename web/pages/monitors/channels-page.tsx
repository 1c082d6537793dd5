import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { ChannelBody } from '@wheelhouse/sdk';
import { Plus, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { count } from '../../data/format.ts';
import { commandAt, useHere } from '../../data/here.ts';
import { channelsQuery } from '../../data/monitor-queries.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { May } from '../../parts/may.tsx';
import { NeedsRole } from '../../parts/needs-role.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Pill } from '../../parts/pill.tsx';
import { QueryState } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { WatchTabs } from '../../parts/watch-tabs.tsx';
import { ChannelForm } from './channel-form.tsx';

const route = getRouteApi('/channels');

/** Sends a message that says it is a test, and says what was answered. */
function Try({ channel: { name } }: { channel: ChannelBody }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const test = useMutation({
    mutationFn: () => client.call('testChannel', { params: { channel: name } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['channels'] }),
  });
  const answered = test.data?.status == null ? '' : ` (${test.data.status})`;
  return (
    <span className="flex flex-wrap items-center gap-2">
      <button type="button" className="btn !min-h-6" disabled={test.isPending} onClick={() => test.mutate()}>
        {test.isPending ? 'Sending …' : 'Test'}
        <span className="sr-only"> {name}</span>
      </button>
      <span role="status" className="min-w-0 text-sm break-words">
        {test.data?.delivered && <span className="text-good">✓ it arrived{answered}</span>}
        {test.data && !test.data.delivered && (
          <span className="text-bad">✕ {test.data.error ?? 'it did not arrive'}</span>
        )}
        {test.error && <span className="text-bad">✕ {test.error.message}</span>}
      </span>
    </span>
  );
}

/** What has not arrived, and what never will. */
function Outstanding({ channel: { waiting, failed, lastError } }: { channel: ChannelBody }) {
  if (waiting === 0 && failed === 0)
    return (
      <span className="text-text-2">{lastError === null ? '✓ nothing waits' : `✓ nothing waits; ${lastError}`}</span>
    );
  return (
    <span className="flex flex-col gap-0.5">
      <span className="flex flex-wrap gap-1">
        {waiting > 0 && <Pill tone="warn">… {count(waiting)} waiting</Pill>}
        {failed > 0 && <Pill tone="bad">✕ {count(failed)} given up</Pill>}
      </span>
      {lastError !== null && <span className="text-sm break-words text-text-2">{lastError}</span>}
    </span>
  );
}

function ChannelTable({ channels, onRemove }: { channels: readonly ChannelBody[]; onRemove: (name: string) => void }) {
  return (
    <DataTable
      label="Channels"
      heads={['Channel', 'Kind', 'Goes to', 'Messages', 'Try it', 'Remove']}
      rows={channels.map((channel) => ({
        key: channel.name,
        cells: [
          <span key="name" className="font-medium break-words">
            {channel.name}
          </span>,
          channel.kind,
          <span key="host" className="mono break-words">
            {channel.host}
          </span>,
          <Outstanding key="waiting" channel={channel} />,
          <May key="try" call="testChannel">
            <Try channel={channel} />
          </May>,
          <May key="remove" call="removeChannel">
            <button
              type="button"
              className="btn btn-quiet btn-icon"
              aria-label={`Remove ${channel.name}`}
              onClick={() => onRemove(channel.name)}
            >
              <Trash2 size={13} strokeWidth={1.75} />
            </button>
          </May>,
        ],
      }))}
    />
  );
}

/** Where messages of alerts go, what waits, and what was given up. */
export function ChannelsPage(): ReactNode {
  const { client } = useData();
  const navigate = useNavigate();
  const { origin, curl } = useHere();
  const { open } = route.useSearch();
  const query = useQuery(channelsQuery(client));
  const { data } = query;
  const [removes, setRemoves] = useState<string | null>(null);
  const add = () => void navigate({ to: '/channels', search: { open: 'new' } });
  useShortcuts('Channels', [{ needs: 'setChannel', keys: 'n', label: 'new channel', hint: true, run: add }]);
  const button = (
    <May call="setChannel">
      <button type="button" className="btn btn-primary" onClick={add}>
        <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
        New channel
      </button>
    </May>
  );
  return (
    <>
      <PageHeader title="Channels" actions={button} />
      <WatchTabs now="/channels" />
      <QueryState query={query} what="channels" />
      {data?.length === 0 && (
        <Empty
          heading="No channels yet"
          text="A channel is where messages of alerts go: a webhook, Slack, Teams, PagerDuty or e-mail. A message that does not arrive is sent again for about a day."
          ways={[
            {
              title: 'From a terminal',
              text: 'It asks for the address, which is sealed and never shown.',
              code: `${commandAt(origin)}wheelhouse monitor channel set ops --kind slack`,
            },
            {
              title: 'Over HTTP',
              text: 'Signed as Standard Webhooks are.',
              code: `curl -X PUT ${origin}/api/v1/channels/ops ${curl} \\
  -d '{"kind": "webhook", "url": "https://example.com/hook", "secret": "whsec_…"}'`,
            },
          ]}
        >
          {button}
        </Empty>
      )}
      {data !== undefined && data.length > 0 && <ChannelTable channels={data} onRemove={setRemoves} />}
      {data !== undefined && (
        <div className="px-4 py-3">
          <NeedsRole of="setChannel" what="Setting up channels" />
        </div>
      )}
      {open === 'new' && <ChannelForm onClose={() => void navigate({ to: '/channels', search: {}, replace: true })} />}
      {removes !== null && (
        <Confirm
          title={`Remove ${removes}`}
          action="Remove"
          done="Nothing is sent there any more."
          changes={['channels']}
          run={() => client.call('removeChannel', { params: { channel: removes } })}
          onClose={() => setRemoves(null)}
        >
          Nothing is sent there any more, and what waits is dropped. It cannot go while monitors tell it.
        </Confirm>
      )}
    </>
  );
}
