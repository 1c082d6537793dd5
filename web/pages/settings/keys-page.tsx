import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { atLeast } from '@wheelhouse/core/records';
import type { KeyBody, MeBody, PersonBody, TeamBody } from '@wheelhouse/sdk';
import { Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { keysQuery, peopleQuery, teamsQuery, useMay, useMe } from '../../data/access-queries.ts';
import { useData } from '../../data/data-context.tsx';
import { dateTime } from '../../data/format.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Empty } from '../../parts/empty.tsx';
import { NeedsRole } from '../../parts/needs-role.tsx';
import { Pill } from '../../parts/pill.tsx';
import { QueryState } from '../../parts/request-state.tsx';
import { SettingsFrame } from '../../parts/settings-frame.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { NewKey } from './new-key.tsx';
import { TableCard } from './section.tsx';

const route = getRouteApi('/settings/keys');
const soonMs = 7 * 24 * 3600 * 1000;

type Names = { people: PersonBody[]; teams: TeamBody[] };

const hasEnded = (key: KeyBody, nowMs: number) =>
  key.revokedAt !== null || (key.expiresAt !== null && Date.parse(key.expiresAt) <= nowMs);

/** Until when it counts. */
function Until({ one, nowMs }: { one: KeyBody; nowMs: number }) {
  if (one.revokedAt !== null) return <Pill tone="mute">revoked {dateTime(one.revokedAt)}</Pill>;
  if (one.expiresAt === null) return <span className="text-text-2">until revoked</span>;
  const left = Date.parse(one.expiresAt) - nowMs;
  if (left <= 0) return <Pill tone="mute">over since {dateTime(one.expiresAt)}</Pill>;
  if (left < soonMs) return <Pill tone="warn">▲ {dateTime(one.expiresAt)}</Pill>;
  return <span className="whitespace-nowrap text-text-2">{dateTime(one.expiresAt)}</span>;
}

const whose = (one: KeyBody, { people, teams }: Names) =>
  [
    one.person === null ? 'the project' : (people.find(({ id }) => id === one.person)?.name ?? one.person),
    ...(one.team === null ? [] : [teams.find(({ id }) => id === one.team)?.name ?? one.team]),
  ].join(', ');

const mayRevoke = (one: KeyBody, me: MeBody) =>
  (one.person !== null && one.person === me.person?.id) ||
  (atLeast(me.role, 'admin') && (one.role === null || atLeast(me.role, one.role)));

type RowsProps = { keys: KeyBody[]; names: Names; me: MeBody; nowMs: number };

function KeyTable({ keys, names, me, nowMs }: RowsProps) {
  const { client } = useData();
  const [ending, setEnding] = useState<KeyBody | null>(null);
  return (
    <>
      <TableCard
        label="All keys"
        heads={['Key', 'May', 'Of', 'Made', 'Counts', 'Last used', 'Change']}
        rows={keys.map((one) => ({
          key: one.id,
          cells: [
            <span key="name" className="block min-w-0">
              <span className="font-medium break-words">{one.name}</span>
              <span className="mono block whitespace-nowrap text-text-3">wh_…{one.last4}</span>
            </span>,
            one.role ?? 'call models, send traces',
            <span key="of" className="break-words text-text-2">
              {whose(one, names)}
            </span>,
            <span key="made" className="text-text-2" title={dateTime(one.createdAt)}>
              <span className="whitespace-nowrap">{dateTime(one.createdAt)}</span>
              <span className="block max-w-40 truncate text-text-3">{one.createdBy}</span>
            </span>,
            <Until key="until" one={one} nowMs={nowMs} />,
            <span key="used" className="whitespace-nowrap text-text-2">
              {one.lastUsedAt === null ? 'never' : dateTime(one.lastUsedAt)}
            </span>,
            !hasEnded(one, nowMs) && mayRevoke(one, me) ? (
              <button
                key="revoke"
                type="button"
                className="btn !min-h-6"
                aria-label={`Revoke ${one.name}`}
                onClick={() => setEnding(one)}
              >
                Revoke
              </button>
            ) : (
              ''
            ),
          ],
        }))}
      />
      {ending && (
        <Confirm
          title={`Revoke ${ending.name}?`}
          action="Revoke it"
          run={() => client.call('revokeKey', { params: { keyId: ending.id } })}
          done={`${ending.name} is revoked`}
          changes={['keys']}
          onClose={() => setEnding(null)}
        >
          From now on every request with <span className="mono">wh_…{ending.last4}</span> is refused. This cannot be
          taken back; what it recorded stays.
        </Confirm>
      )}
    </>
  );
}

/** What programs call with. */
export function KeysPage(): ReactNode {
  const { client } = useData();
  const me = useMe();
  const may = useMay();
  const { open, show } = route.useSearch();
  const navigate = useNavigate();
  const [nowMs] = useState(Date.now);
  const query = useQuery(keysQuery(client));
  const names = { people: useQuery(peopleQuery(client)).data ?? [], teams: useQuery(teamsQuery(client)).data ?? [] };
  const all = query.data ?? [];
  const living = all.filter((one) => !hasEnded(one, nowMs));
  const ended = all.length - living.length;
  const go = (next: 'new' | undefined) =>
    void navigate({
      to: '/settings/keys',
      search: { ...(show && { show }), ...(next && { open: next }) },
      replace: true,
    });
  // A key of the project takes an admin; whoever else may make one makes it for themselves.
  const mayMake = may('createKey') && me !== undefined && (atLeast(me.role, 'admin') || me.person !== null);
  useShortcuts('Keys', mayMake ? [{ keys: 'c', label: 'make a key', hint: true, run: () => go('new') }] : []);
  const make = mayMake && (
    <button type="button" className="btn btn-primary" onClick={() => go('new')}>
      <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
      Make a key
    </button>
  );
  const shown = show === 'all' ? all : living;
  return (
    <SettingsFrame title="Keys">
      <QueryState query={query} what="keys" />
      {query.isSuccess && all.length === 0 && (
        <Empty
          heading="No keys yet"
          text="A program calls models and sends traces with a key of this project. It is shown once, and can be revoked at any time."
          ways={[
            {
              title: 'From a terminal',
              text: 'stdout is the secret alone, so that it can be piped.',
              code: 'wheelhouse key create support-bot',
            },
          ]}
        >
          {make}
        </Empty>
      )}
      {me && all.length > 0 && (
        <section aria-label="Keys" className="flex flex-col gap-3">
          <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
            <p className="min-w-0 flex-1 basis-64 text-text-2">
              What programs call with: as <span className="mono">Authorization: Bearer</span>,{' '}
              <span className="mono">x-api-key</span> or <span className="mono">x-goog-api-key</span>.
            </p>
            {make}
          </div>
          {shown.length > 0 && <KeyTable keys={shown} names={names} me={me} nowMs={nowMs} />}
          {ended > 0 && (
            <p>
              <Link to="/settings/keys" search={show === 'all' ? {} : { show: 'all' }} replace className="link">
                {show === 'all' ? 'Only those that count' : `Show ${ended} that ended, too`}
              </Link>
            </p>
          )}
        </section>
      )}
      <NeedsRole of="createKey" what="Making keys" />
      {open === 'new' && mayMake && me && <NewKey me={me} teams={names.teams} onClose={() => go(undefined)} />}
    </SettingsFrame>
  );
}
