import { Link } from '@tanstack/react-router';
import type { OptimizationBody, OptimizationCandidateBody } from '@wheelhouse/sdk';
import { useState } from 'react';
import { count, plural, seconds, usd } from '../../data/format.ts';
import { unitOf } from '../../data/measures.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Pill } from '../../parts/pill.tsx';
import { CandidateLink } from './candidate-link.tsx';
import { bestFirst } from './candidate-order.ts';
import { useView } from './view.ts';

const share = unitOf('score').value;
const aPage = 15;

/** With its interval and how many rows it is of; of a part of the rows where that is all there is. */
export function CandidateScore({ score, minibatch }: Pick<OptimizationCandidateBody, 'score' | 'minibatch'>) {
  const measured = score ?? minibatch;
  if (measured === null) return <span className="text-text-3">not scored</span>;
  const { value, low, high, rows } = measured;
  return (
    <span className="mono whitespace-nowrap">
      {share(value)}{' '}
      <span className="text-text-3">
        {low !== null && high !== null && `[${share(low)}, ${share(high)}] `}n={count(rows)}
        {score === null && ', a part'}
      </span>
    </span>
  );
}

const orders = [
  { order: undefined, label: 'best first' },
  { order: 'made', label: 'as they came' },
] as const;

/** Everything that was tried: what it was made of, how good it is, what finding that out took. */
export function Candidates({ optimization }: { optimization: OptimizationBody }) {
  const { view } = useView();
  const [shown, setShown] = useState(aPage);
  const { candidates, bestId } = optimization;
  if (candidates.length === 0) return null;
  const rows = view.order === 'made' ? candidates : bestFirst(candidates);
  const known = new Map(candidates.map((one) => [one.id, one]));
  return (
    <section aria-label="Candidates" className="min-w-0">
      <div className="flex flex-wrap items-center gap-2 px-4 pt-3 pb-2">
        <h2 className="font-semibold">{plural(candidates.filter(({ n }) => n > 0).length, 'candidate')}</h2>
        {orders.map(({ order, label }) => (
          <Link
            key={label}
            to="."
            search={(old: object) => ({ ...old, order }) as never}
            replace
            aria-current={order === view.order ? 'true' : undefined}
            activeProps={{ 'aria-current': order === view.order ? 'true' : undefined }}
            className={`btn !min-h-6 ${order === view.order ? '!border-line-strong' : 'btn-quiet'}`}
          >
            {label}
          </Link>
        ))}
      </div>
      <DataTable
        label="Candidates tried"
        keysTitle="Candidates"
        heads={['Candidate', 'Score', 'Parent', 'Made by', 'Changed', 'Calls', 'Cost', 'Latency']}
        right={[5, 6, 7]}
        rows={rows.slice(0, shown).map((one) => ({
          key: one.id,
          cells: [
            <span key="id" className="flex items-center gap-2">
              <CandidateLink candidate={one} />
              {one.id === bestId && one.score !== null && <Pill tone="good">best</Pill>}
            </span>,
            <CandidateScore key="score" {...one} />,
            <span key="parents" className="flex flex-wrap gap-x-2">
              {one.parents.length === 0
                ? '–'
                : one.parents.map((id) => <CandidateLink key={id} candidate={known.get(id)} />)}
            </span>,
            one.by,
            <span key="changed" className="break-words text-text-2">
              {one.changed.join(', ') || '–'}
            </span>,
            <span key="calls" className="mono">
              {count(one.calls)}
            </span>,
            <span key="cost" className="mono">
              {usd(one.costNanoUsd)}
            </span>,
            <span key="latency" className="mono whitespace-nowrap">
              {one.latencyMs === null ? '–' : seconds(one.latencyMs / 1000)}
            </span>,
          ],
        }))}
      />
      {rows.length > shown && (
        <div className="p-4">
          <button type="button" className="btn" onClick={() => setShown(shown + 5 * aPage)}>
            Show {count(Math.min(5 * aPage, rows.length - shown))} more
          </button>
        </div>
      )}
    </section>
  );
}
