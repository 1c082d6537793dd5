import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { count, dateTime, duration, usd } from '../../data/format.ts';
import { modelUseQuery } from '../../data/registry-queries.ts';
import { useFollow } from '../../data/use-follow.ts';
import { QueryState } from '../../parts/request-state.tsx';
import { TableCard } from '../settings/section.tsx';
import { perCall, scoreText } from './use-figures.ts';

const windows = [
  { hours: 1, label: '1 h' },
  { hours: 24, label: '24 h' },
  { hours: 168, label: '7 d' },
  { hours: 720, label: '30 d' },
];

/** What each version did with real calls. */
export function UsageTab({ name }: { name: string }) {
  const { client } = useData();
  const [hours, setHours] = useState(168);
  const query = useQuery(modelUseQuery(client, [name], hours));
  useFollow(query.refetch, 5_000);
  const rows = query.data?.data.toSorted((a, b) => b.version - a.version) ?? [];
  return (
    <div className="flex flex-col gap-3 p-4">
      <fieldset className="flex flex-wrap gap-1">
        <legend className="sr-only">Time</legend>
        {windows.map((one) => (
          <button
            key={one.hours}
            type="button"
            className="btn"
            aria-pressed={one.hours === hours}
            onClick={() => setHours(one.hours)}
          >
            {one.label}
          </button>
        ))}
      </fieldset>
      <QueryState query={query} what="what was called" />
      {query.data && rows.length === 0 && (
        <p className="text-text-2">No calls in this time. Each call under the model’s name is counted here.</p>
      )}
      {query.data && !query.data.whole && <p className="text-text-2">▲ There were more calls; these are the newest.</p>}
      {rows.length > 0 && (
        <TableCard
          label="Calls by version"
          heads={['Version', 'Called as', 'Calls', 'Errors', 'Cost per call', 'p50', 'p95', 'Scores', 'Last call']}
          right={[2, 3, 4, 5, 6]}
          rows={rows.map((row) => ({
            key: String(row.version),
            cells: [
              <Link key="version" to="/traces" search={{ q: `model:"${name}@${row.version}"` }} className="link mono">
                v{row.version}
              </Link>,
              <span key="aliases" className="mono">
                {row.aliases.map((alias) => `@${alias}`).join(' ') || 'its number'}
              </span>,
              <span key="calls" className="mono">
                {count(row.calls)}
              </span>,
              <span key="errors" className={`mono ${row.errors > 0 ? 'text-bad' : ''}`}>
                {row.errors > 0 ? `✕ ${count(row.errors)}` : '0'}
              </span>,
              <span
                key="cost"
                className="mono"
                title={row.unpriced > 0 ? `${count(row.unpriced)} without a known price` : undefined}
              >
                {usd(perCall(row))}
                {row.unpriced > 0 && row.costNanoUsd !== null && '+?'}
              </span>,
              <span key="p50" className="mono">
                {row.latencyNs ? duration(row.latencyNs.p50) : '–'}
              </span>,
              <span key="p95" className="mono">
                {row.latencyNs ? duration(row.latencyNs.p95) : '–'}
              </span>,
              <span key="scores" className="flex flex-wrap gap-x-3">
                {row.scores.map((score) => (
                  <span key={score.name} title={`${count(score.count)} scores`}>
                    <span className="text-text-3">{score.name}</span> <span className="mono">{scoreText(score)}</span>
                  </span>
                ))}
                {row.scores.length === 0 && <span className="text-text-3">none</span>}
              </span>,
              <span key="last" className="whitespace-nowrap text-text-2">
                {dateTime(row.lastAt)}
              </span>,
            ],
          }))}
        />
      )}
    </div>
  );
}
