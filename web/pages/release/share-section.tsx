import type { ReleaseBody } from '@wheelhouse/sdk';
import { useState } from 'react';
import { count, plural } from '../../data/format.ts';
import { percent, type ShareDecision, shareWhy } from '../../data/release-words.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { ShareChart } from './share-chart.tsx';

type ShareSectionProps = {
  release: ReleaseBody;
  allocation: NonNullable<ReleaseBody['allocation']>;
  shares: readonly ShareDecision[];
  /** null: it does not move any more. */
  decidedNext: number | null;
  /** What of the new version had been seen at the last look. */
  seen: number;
};

/** How a share that moves by how the new version does has moved, and why. */
export function ShareSection({ release, allocation, shares, decidedNext, seen }: ShareSectionProps) {
  const [isOpen, setOpen] = useState(false);
  const { candidate, sticky, steps } = release;
  const start = steps[0]?.share ?? allocation.floor;
  const last = shares.at(-1);
  const next = decidedNext === null ? '' : ` Decided next at ${decidedNext.toLocaleString('en')}.`;
  const title = 'How its share moved';
  const said =
    last === undefined
      ? `It began with ${percent(start)}.`
      : `${shareWhy(last, release)}, so that its share is ${percent(last.share)}.`;
  return (
    <section aria-label={title} className="border-b border-line bg-surface">
      <div className="px-4 pt-3">
        <h2 className="font-semibold">{title}</h2>
        <p className="break-words text-text-2">
          {said}
          {next}
        </p>
      </div>
      <div className="px-2 pt-2">
        <ShareChart
          label={`Share of v${candidate}: began with ${percent(start)}; ${plural(shares.length, 'decision')}; now ${percent(last?.share ?? start)}`}
          start={start}
          shares={shares}
          allocation={allocation}
          seen={seen}
          unit={`${sticky}s of v${candidate}`}
        />
      </div>
      {shares.length > 0 && (
        <details className="border-t border-line" onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary className="min-h-6 px-4 text-xs leading-6 text-text-3">As a table</summary>
          {isOpen && (
            <div className="max-h-72 overflow-auto">
              <DataTable
                label={`${title}, as a table`}
                heads={[`${sticky[0]?.toUpperCase()}${sticky.slice(1)}s`, 'Share', 'Likely not to lose', 'By']}
                right={[0, 1, 2]}
                rows={shares.toReversed().map((one) => ({
                  key: String(one.calls),
                  cells: [
                    <span key="calls" className="mono">
                      {count(one.calls)}
                    </span>,
                    <span key="share" className="mono">
                      {percent(one.share)}
                    </span>,
                    <span key="chance" className="mono">
                      {percent(one.chance)}
                    </span>,
                    one.rail ?? 'nothing is watched',
                  ],
                }))}
              />
            </div>
          )}
        </details>
      )}
    </section>
  );
}
