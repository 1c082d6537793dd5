import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useData } from '../../data/data-context.tsx';
import { dateTime } from '../../data/format.ts';
import { auditQuery } from '../../data/queries.ts';
import { Empty } from '../../parts/empty.tsx';
import { Loading, RequestError } from '../../parts/request-state.tsx';
import { SettingsFrame } from '../../parts/settings-frame.tsx';
import { TableCard } from './section.tsx';

/** What was said with it; what was left open is not listed. */
function Detail({ detail }: { detail: Record<string, unknown> }) {
  const said = Object.entries(detail).filter(([, value]) => value !== null);
  return (
    <span className="line-clamp-2 break-words text-text-2" title={JSON.stringify(detail, null, 2)}>
      {said.map(([name, value]) => (
        <span key={name} className="mr-3">
          <span className="text-text-3">{name}</span>{' '}
          <span className="mono">{typeof value === 'object' ? JSON.stringify(value) : String(value)}</span>
        </span>
      ))}
    </span>
  );
}

/** Who changed what, newest first. */
export function AuditPage(): ReactNode {
  const { client } = useData();
  const query = useInfiniteQuery(auditQuery(client));
  const entries = query.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <SettingsFrame title="Audit">
      {query.isPending && <Loading what="the log" />}
      {query.error && !query.data && <RequestError error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && entries.length === 0 && (
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
              <span key="subject" className="mono break-words">
                {entry.subject}
              </span>,
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
