import { Link } from '@tanstack/react-router';
import type { OptimizationRowBody } from '@wheelhouse/sdk';
import type { ReactNode } from 'react';
import { dateTime, usd } from '../../data/format.ts';
import { unitOf } from '../../data/measures.ts';
import { OptimizationOutcome } from '../../parts/optimization-outcome.tsx';
import { Pill } from '../../parts/pill.tsx';

const share = unitOf('score').value;

/** From the program as it was to the best candidate: on rows held out where these are known, else on those that candidates are chosen by. */
function Quality({ score: { start, best, heldOutStart, heldOut } }: { score: OptimizationRowBody['score'] }) {
  const isFound = heldOut !== null;
  const [was, is] = isFound ? [heldOutStart, heldOut] : [start, best];
  if (was === null && is === null) return <span className="text-text-3">–</span>;
  return (
    <span
      className="mono whitespace-nowrap"
      title={isFound ? 'On rows that no search has seen' : 'On the rows that candidates are chosen by'}
    >
      {was === null ? '?' : share(was)}
      {is !== null && is !== was && ` → ${share(is)}`}
    </span>
  );
}

const none = (key: string) => (
  <span key={key} className="text-text-3">
    –
  </span>
);

/** An optimization in the list: of what, by what, what came of it, and what it took. */
export const optimizationCells = (one: OptimizationRowBody): ReactNode[] => [
  <span key="name" className="grid min-w-0 grid-cols-[auto_minmax(0,1fr)] items-center gap-2">
    <span className="m-1 w-4 text-center text-text-3" title="Optimization">
      <span aria-hidden="true">↗</span>
      <span className="sr-only">Optimization</span>
    </span>
    <span className="block min-w-0">
      <Link
        to="/experiments/optimizations/$optimizationId"
        params={{ optimizationId: one.id }}
        className="link break-words"
      >
        {one.name}
      </Link>
      <span className="flex flex-wrap gap-x-2 text-sm text-text-2">
        <span>by {one.optimizer.name}</span>
        {one.name !== one.program && <span className="mono">{one.program}</span>}
        {one.dataset !== null && (
          <span>
            on {one.dataset}
            {one.datasetVersion !== null && ` v${one.datasetVersion}`}
          </span>
        )}
      </span>
    </span>
  </span>,
  <span key="outcome" className="flex flex-wrap gap-1">
    <OptimizationOutcome row={one} />
    {one.published !== null && (
      <Pill tone="mute">
        {one.published.name} v{one.published.version}
      </Pill>
    )}
  </span>,
  <Quality key="quality" score={one.score} />,
  none('latency'),
  none('cost'),
  <span key="spent" className="mono">
    {usd(one.spend.costNanoUsd)}
  </span>,
  <span key="created" className="whitespace-nowrap text-text-2">
    {dateTime(one.createdAt)}
  </span>,
];
