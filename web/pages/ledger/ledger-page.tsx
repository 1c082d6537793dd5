import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { LedgerBody } from '@wheelhouse/sdk';
import { type ReactNode, useCallback } from 'react';
import { useData } from '../../data/data-context.tsx';
import { count, dateTime, duration, plural, sizeText } from '../../data/format.ts';
import { ledgerQuery } from '../../data/settings-queries.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Pill } from '../../parts/pill.tsx';
import { QueryState } from '../../parts/request-state.tsx';
import { SettingsHeader } from '../../parts/settings-frame.tsx';
import { useNow } from '../../parts/use-now.ts';
import { DeadLetters } from './dead-letters.tsx';

const route = getRouteApi('/ledger');

type Source = LedgerBody['sources'][number];

const sum = (sources: Source[], of: (source: Source) => number) => sources.reduce((total, one) => total + of(one), 0);
const number = (value: number, key: string) => (
  <span key={key} className="mono whitespace-nowrap">
    {count(value)}
  </span>
);

/** How long the oldest of the waiting has waited. */
function Lag({ since }: { since: string | null }) {
  const now = useNow(since !== null);
  if (since === null) return <span className="text-text-3">–</span>;
  const waited = now - BigInt(new Date(since).getTime()) * 1_000_000n;
  return <span className="mono text-warn">▲ {duration(String(waited > 0n ? waited : 0n))}</span>;
}

function Balance({ ledger }: { ledger: LedgerBody }) {
  const { sources } = ledger;
  const received = sum(sources, (one) => one.received);
  const accounted = sum(sources, (one) => one.stored + one.rejected + one.waiting);
  const rejected = sum(sources, (one) => one.rejected);
  const waiting = sum(sources, (one) => one.waiting);
  return (
    <section aria-label="Balance" className="card flex flex-wrap items-baseline gap-x-3 gap-y-1 p-3 text-lg">
      <span className="font-semibold">{plural(received, 'span')} received</span>
      <span className="text-text-3">=</span>
      <span className="text-good">{count(sum(sources, (one) => one.stored))} stored</span>
      <span className="text-text-3">+</span>
      <span className={rejected > 0 ? 'text-bad' : 'text-text-2'}>{count(rejected)} rejected</span>
      <span className="text-text-3">+</span>
      <span className={waiting > 0 ? 'text-warn' : 'text-text-2'}>{count(waiting)} waiting</span>
      <span className="ml-auto self-center">
        {accounted === received ? (
          <Pill tone="good">✓ it balances</Pill>
        ) : (
          <Pill tone="bad">✕ {count(received - accounted)} not accounted for</Pill>
        )}
      </span>
      <span className="w-full text-base text-text-2">
        Since {dateTime(ledger.since)}
        {ledger.partial && '. ▲ The record store is away: what other servers counted is missing.'}
      </span>
    </section>
  );
}

function Sources({ sources }: { sources: Source[] }) {
  return (
    <div className="card overflow-x-auto [&>section]:border-b-0">
      <DataTable
        label="By source"
        heads={['Source', 'Received', 'Stored', 'Rejected', 'Waiting', 'On disk', 'Lag', 'Since']}
        right={[1, 2, 3, 4, 5, 6]}
        rows={sources.map((one) => ({
          key: one.source,
          cells: [
            <span key="source" className="font-medium">
              {one.source}
            </span>,
            number(one.received, 'received'),
            number(one.stored, 'stored'),
            <span key="rejected" className={`mono ${one.rejected > 0 ? 'text-bad' : ''}`}>
              {one.rejected > 0 && '✕ '}
              {count(one.rejected)}
            </span>,
            number(one.waiting, 'waiting'),
            number(one.spilled, 'spilled'),
            <Lag key="lag" since={one.oldestWaitingAt} />,
            <span key="since" className="whitespace-nowrap text-text-2">
              {dateTime(one.since)}
            </span>,
          ],
        }))}
      />
    </div>
  );
}

function Rejections({ sources }: { sources: Source[] }) {
  const rows = sources
    .flatMap((source) => source.rejections.map((rejection) => ({ source: source.source, ...rejection })))
    .sort((a, b) => b.lastAt.localeCompare(a.lastAt))
    .slice(0, 50);
  if (rows.length === 0) return <p className="text-text-3">✓ Nothing was rejected.</p>;
  return (
    <div className="card overflow-x-auto [&>section]:border-b-0">
      <DataTable
        label="Why spans were rejected"
        heads={['Reason', 'Spans', 'Source', 'Last', 'The newest of them']}
        right={[1]}
        rows={rows.map((row) => ({
          key: `${row.source} ${row.reason}`,
          cells: [
            <span key="reason" className="text-bad">
              ✕ {row.reason}
            </span>,
            number(row.spans, 'spans'),
            row.source,
            <span key="at" className="whitespace-nowrap text-text-2">
              {dateTime(row.lastAt)}
            </span>,
            <span key="sample" className="said mono line-clamp-2 text-text-2" title={row.sample}>
              {row.sample}
            </span>,
          ],
        }))}
      />
    </div>
  );
}

type Day = Source['days'][number];

function Days({ sources }: { sources: Source[] }) {
  const byDay = new Map<string, Day>();
  for (const day of sources.flatMap((source) => source.days)) {
    const known = byDay.get(day.day) ?? { day: day.day, received: 0, stored: 0, rejected: 0 };
    known.received += day.received;
    known.stored += day.stored;
    known.rejected += day.rejected;
    byDay.set(day.day, known);
  }
  const days = [...byDay.values()].sort((a, b) => b.day.localeCompare(a.day)).slice(0, 30);
  const most = Math.max(1, ...days.map((one) => one.received));
  if (days.length === 0) return <p className="text-text-3">No day yet.</p>;
  return (
    <table className="w-full text-sm">
      <thead>
        <tr className="text-left text-text-3">
          <th className="pr-4 font-medium">Day</th>
          <th className="w-full font-medium">Stored and rejected</th>
          <th className="pl-4 text-right font-medium">Received</th>
          <th className="pl-4 text-right font-medium">Stored</th>
          <th className="pl-4 text-right font-medium">Rejected</th>
        </tr>
      </thead>
      <tbody>
        {days.map((one) => (
          <tr key={one.day} className="h-6">
            <td className="mono pr-4 whitespace-nowrap">{one.day}</td>
            <td>
              <span aria-hidden="true" className="flex h-2.5 gap-px">
                <span
                  className="rounded-1"
                  style={{ width: `${(one.stored / most) * 100}%`, background: 'var(--k-llm)' }}
                />
                <span
                  className="rounded-1"
                  style={{ width: `${(one.rejected / most) * 100}%`, background: 'var(--bad)' }}
                />
              </span>
            </td>
            <td className="mono pl-4 text-right">{count(one.received)}</td>
            <td className="mono pl-4 text-right">{count(one.stored)}</td>
            <td className={`mono pl-4 text-right ${one.rejected > 0 ? 'text-bad' : ''}`}>{count(one.rejected)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Section({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="flex flex-col gap-2">
      <div>
        <h2 className="text-lg font-semibold">{title}</h2>
        <p className="text-text-2">{text}</p>
      </div>
      {children}
    </section>
  );
}

/** What became of every span that reached this server. */
export function LedgerPage(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate();
  const { client } = useData();
  const query = useQuery(ledgerQuery(client));
  const openLetter = useCallback(
    (letter: string | undefined) =>
      void navigate({ to: '/ledger', search: letter === undefined ? {} : { letter }, replace: true }),
    [navigate],
  );
  const ledger = query.data;
  const letters = ledger?.deadLetters;
  return (
    <>
      <SettingsHeader title="Ledger" />
      <QueryState query={query} what="the ledger" />
      {ledger && (
        <section
          aria-label="What became of every span"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
          tabIndex={0}
          className="min-h-0 flex-1 overflow-auto -outline-offset-2"
        >
          <div className="mx-auto flex w-full max-w-[1080px] flex-col gap-6 p-4 pb-12">
            <Balance ledger={ledger} />
            <Section title="Sources" text="The doors through which spans come, each with its own balance.">
              <Sources sources={ledger.sources} />
            </Section>
            <Section title="Rejections" text="What was refused, why, and an example; the sender was told the same.">
              <Rejections sources={ledger.sources} />
            </Section>
            <Section
              title="Dead letters"
              text={
                letters
                  ? `${plural(letters.kept, 'refused request')} kept (${sizeText(letters.bytes)}), to be read, repaired and sent again.${letters.dropped > 0 ? ` ${count(letters.dropped)} were too large or too many to keep.` : ''}`
                  : '▲ The record store is away; what it keeps is there again when it is.'
              }
            >
              <DeadLetters open={search.letter} onOpen={openLetter} />
            </Section>
            <Section title="Days" text="The newest thirty, UTC.">
              <div className="card overflow-x-auto p-3">
                <Days sources={ledger.sources} />
              </div>
            </Section>
          </div>
        </section>
      )}
    </>
  );
}
