import type { OptimizationBody } from '@wheelhouse/sdk';
import { count } from '../../data/format.ts';
import { unitOf } from '../../data/measures.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { CandidateLink } from './candidate-link.tsx';
import { rowRanges } from './candidate-order.ts';

const share = unitOf('score').value;
const strip = { width: 240, height: 14 };
const mostMembers = 20;

/** Which rows it leads, each a mark at its place. */
function Rows({ leads, rows }: { leads: readonly number[]; rows: number }) {
  const step = strip.width / Math.max(1, rows);
  const marks = leads.map(
    (place) => `M${(place * step).toFixed(2)} 0h${Math.max(1, step - 0.5).toFixed(2)}v14H${(place * step).toFixed(2)}z`,
  );
  return (
    <svg
      viewBox={`0 0 ${strip.width} ${strip.height}`}
      width={strip.width}
      height={strip.height}
      className="max-w-full"
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <rect width={strip.width} height={strip.height} fill="var(--border)" />
      <path d={marks.join('')} fill="var(--var-b)" />
    </svg>
  );
}

/** Candidates that are the best on some row: what one knows and another does not. */
export function Front({ optimization }: { optimization: OptimizationBody }) {
  const { front, candidates } = optimization;
  if (front === null || front.members.length === 0) return null;
  const members = front.members.toSorted((a, b) => b.leads.length - a.leads.length || b.score - a.score);
  return (
    <section aria-label="Front" className="min-w-0">
      <div className="px-4 pt-3 pb-2">
        <h2 className="font-semibold">Front</h2>
        <p className="text-sm text-text-3">
          Candidates that none is better than on some row
          {members.length > mostMembers && `; the first ${mostMembers} of ${count(members.length)}`}.
        </p>
      </div>
      <DataTable
        label="Candidates of the front"
        heads={['Candidate', 'Score', 'Rows', 'Which rows it leads']}
        right={[1, 2]}
        rows={members.slice(0, mostMembers).map(({ id, score, leads }) => ({
          key: id,
          cells: [
            <CandidateLink key="id" candidate={candidates.find((one) => one.id === id)} />,
            <span key="score" className="mono">
              {share(score)}
            </span>,
            <span key="rows" className="mono whitespace-nowrap">
              {count(leads.length)} of {count(front.rows)}
            </span>,
            <span key="which" title={`Rows ${rowRanges(leads)}`}>
              <Rows leads={leads} rows={front.rows} />
              <span className="sr-only">{rowRanges(leads)}</span>
            </span>,
          ],
        }))}
      />
    </section>
  );
}
