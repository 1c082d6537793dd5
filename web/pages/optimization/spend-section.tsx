import { Link } from '@tanstack/react-router';
import type { OptimizationBody } from '@wheelhouse/sdk';
import { useState } from 'react';
import { unitOf } from '../../data/measures.ts';
import { type SpendAxis, SpendChart, spendText } from './spend-chart.tsx';
import { isUnderWay, nameOf, useView, type View } from './view.ts';

const axes = [
  { by: undefined, label: 'calls' },
  { by: 'cost', label: 'cost' },
  { by: 'minutes', label: 'time' },
] as const satisfies { by: View['by']; label: string }[];

const share = unitOf('score').value;

/** The points that the chart is made of, for whoever reads no picture. */
function Twin({ optimization: { points, candidates }, by }: { optimization: OptimizationBody; by: SpendAxis }) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="min-h-6 text-xs leading-6 text-text-3">As a table</summary>
      {open && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        <section aria-label="Scores as a table" tabIndex={0} className="max-h-60 overflow-auto">
          <table className="w-full max-w-[560px] text-sm">
            <thead>
              <tr className="text-left text-text-3">
                <th className="font-medium">Candidate</th>
                <th className="text-right font-medium">After</th>
                <th className="text-right font-medium">Score</th>
                <th className="text-right font-medium">Best so far</th>
              </tr>
            </thead>
            <tbody>
              {points.map((point, i) => {
                const n = candidates.find(({ id }) => id === point.candidateId)?.n;
                return (
                  // biome-ignore lint/suspicious/noArrayIndexKey: points only come after those that are there.
                  <tr key={i}>
                    <td>{n === undefined ? '?' : nameOf(n)}</td>
                    <td className="mono text-right">{spendText(by, point)}</td>
                    <td className="mono text-right">{share(point.score)}</td>
                    <td className="mono text-right">{share(point.best)}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </section>
      )}
    </details>
  );
}

/** What was reached for what was spent. */
export function SpendSection({ optimization }: { optimization: OptimizationBody }) {
  const { view } = useView();
  const by = view.by ?? 'calls';
  const { points } = optimization;
  const isUnpriced = by === 'cost' && points.every(({ costNanoUsd }) => costNanoUsd === null);
  return (
    <section aria-label="Score against spend" className="min-w-0 border-b border-line p-4">
      <div className="mb-2 flex flex-wrap items-center gap-2">
        <h2 className="font-semibold">Score against spend</h2>
        {axes.map((axis) => (
          <Link
            key={axis.label}
            to="."
            search={(old: object) => ({ ...old, by: axis.by }) as never}
            replace
            aria-current={axis.by === view.by ? 'true' : undefined}
            activeProps={{ 'aria-current': axis.by === view.by ? 'true' : undefined }}
            className={`btn !min-h-6 ${axis.by === view.by ? '!border-line-strong' : 'btn-quiet'}`}
          >
            {axis.label}
          </Link>
        ))}
        <span className="text-sm text-text-3">on the rows that candidates are chosen by</span>
      </div>
      {points.length === 0 ? (
        <p className="text-text-3">
          {isUnderWay(optimization) ? 'Nothing is scored yet.' : 'No candidate was scored.'}
        </p>
      ) : isUnpriced ? (
        <p className="text-text-3">The cost of the calls is not known.</p>
      ) : (
        <>
          <SpendChart optimization={optimization} by={by} />
          <Twin optimization={optimization} by={by} />
        </>
      )}
    </section>
  );
}
