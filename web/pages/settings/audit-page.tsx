import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useMemo } from 'react';
import { useData } from '../../data/data-context.tsx';
import { dateTime } from '../../data/format.ts';
import { jsonDiff } from '../../data/json-diff.ts';
import { type AuditSearch, auditQuery } from '../../data/queries.ts';
import { Empty } from '../../parts/empty.tsx';
import { QueryState } from '../../parts/request-state.tsx';
import { SettingsFrame } from '../../parts/settings-frame.tsx';
import { TableCard } from './section.tsx';

const route = getRouteApi('/settings/audit');

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const shown = (value: unknown) => (typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value));
const isThere = (value: unknown) => value !== null && value !== undefined;

function Member({ name, children }: { name: string; children: ReactNode }) {
  return (
    <span className="block break-words">
      <span className="text-text-3">{name}</span> <span className="mono">{children}</span>
    </span>
  );
}

/** Which members were changed, from what to what. */
function Changed({ before, after }: { before: unknown; after: unknown }) {
  const changes = useMemo(() => jsonDiff(before, after), [before, after]);
  return changes.map(({ path, before: was, after: is }) => (
    <Member key={path} name={path}>
      {isThere(was) && <del>{shown(was)}</del>}
      {isThere(was) && isThere(is) && ' → '}
      {isThere(is) && <ins>{shown(is)}</ins>}
    </Member>
  ));
}

/** What was said with it, and what it was before; what was left open is not listed. */
function Detail({ detail }: { detail: Record<string, unknown> }) {
  const { before, after, ...rest } = detail;
  const said = Object.entries(rest).filter(([, value]) => isThere(value));
  return (
    <div className="line-clamp-4 min-w-0 text-text-2" title={JSON.stringify(detail, null, 2)}>
      {said.map(([name, value]) => (
        <Member key={name} name={name}>
          {shown(value)}
        </Member>
      ))}
      {isObject(before) || isObject(after) ? (
        <Changed before={isObject(before) ? before : {}} after={isObject(after) ? after : {}} />
      ) : (
        (isThere(before) || isThere(after)) && <Changed before={{ it: before }} after={{ it: after }} />
      )}
    </div>
  );
}

const filters = [
  { name: 'subject', label: 'To', placeholder: 'support-bot' },
  { name: 'actor', label: 'Who', placeholder: 'ada@shop.example' },
  { name: 'action', label: 'Did', placeholder: 'alias' },
] as const;

/** By what, by whom, what: as it stands in the list. */
function Filters({ search }: { search: AuditSearch }) {
  const navigate = useNavigate();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const given = filters.flatMap(({ name }) => {
      const value = String(data.get(name) ?? '').trim();
      return value === '' ? [] : [[name, value]];
    });
    void navigate({ to: '/settings/audit', search: Object.fromEntries(given) });
  };
  return (
    <form key={JSON.stringify(search)} className="flex flex-wrap items-end gap-2" onSubmit={submit}>
      {filters.map(({ name, label, placeholder }) => (
        <label key={name} className="flex flex-col gap-1">
          <span className="text-sm font-medium">{label}</span>
          <input name={name} className="field mono" placeholder={placeholder} defaultValue={search[name] ?? ''} />
        </label>
      ))}
      <button type="submit" className="btn">
        Filter
      </button>
      {Object.keys(search).length > 0 && (
        <Link to="/settings/audit" className="btn btn-quiet">
          All
        </Link>
      )}
    </form>
  );
}

/** Who changed what, newest first. */
export function AuditPage(): ReactNode {
  const { client } = useData();
  const search = route.useSearch();
  const filtered = Object.keys(search).length > 0;
  const query = useInfiniteQuery(auditQuery(client, search));
  const entries = query.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <SettingsFrame title="Audit">
      {(filtered || entries.length > 0) && <Filters search={search} />}
      <QueryState query={query} what="the log" />
      {query.isSuccess && entries.length === 0 && filtered && <p className="text-text-2">No change fits.</p>}
      {query.isSuccess && entries.length === 0 && !filtered && (
        <Empty
          heading="Nothing was changed yet"
          text="Each change stands here with who made it: models, datasets, prices, people, keys, budgets. Entries are never removed."
          ways={[
            {
              title: 'From a terminal',
              text: 'A first change, which the next line of this page will be about.',
              code: 'wheelhouse limit set user "*" --rpm 600',
            },
          ]}
        />
      )}
      {entries.length > 0 && (
        <TableCard
          label="Changes"
          heads={['When', 'Who', 'Did', 'To', 'Detail']}
          rows={entries.map((entry) => ({
            key: entry.id,
            cells: [
              <span key="at" className="whitespace-nowrap text-text-2">
                {dateTime(entry.at)}
              </span>,
              <span key="actor" className="break-words">
                {entry.actor}
              </span>,
              <span key="action" className="mono whitespace-nowrap">
                {entry.action}
              </span>,
              <Link
                key="subject"
                to="/settings/audit"
                search={{ ...search, subject: entry.subject }}
                className="mono break-words"
                title="Only changes of it"
              >
                {entry.subject}
              </Link>,
              <Detail key="detail" detail={entry.detail} />,
            ],
          }))}
        />
      )}
      {query.hasNextPage && (
        <div>
          <button type="button" className="btn" onClick={() => void query.fetchNextPage()}>
            Show older
          </button>
        </div>
      )}
    </SettingsFrame>
  );
}
