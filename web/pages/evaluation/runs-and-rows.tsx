import type { RunBody } from '@wheelhouse/sdk';
import type { ReactNode } from 'react';
import { candidateOf } from './cells.ts';
import { RowReader } from './row-reader.tsx';
import { RunsView } from './runs-view.tsx';
import { VerdictSection } from './verdict-section.tsx';
import { type Shown, useView, ViewLink } from './view.tsx';

function Tabs({ runs, tab }: { runs: RunBody[]; tab: 'runs' | undefined }) {
  const tabs = [
    { to: undefined, label: 'Rows' },
    { to: 'runs' as const, label: runs.length > 1 ? `${runs.length} runs` : 'The run' },
  ];
  return (
    <nav
      aria-label="Parts of the evaluation"
      className="flex flex-none flex-wrap items-center gap-1 border-b border-line px-2 py-1"
    >
      {tabs.map(({ to, label }) => (
        <ViewLink
          key={label}
          next={{ tab: to }}
          className={`btn !min-h-6 ${to === tab ? '!border-line-strong' : 'btn-quiet'}`}
          current={to === tab ? 'page' : undefined}
        >
          {label}
        </ViewLink>
      ))}
    </nav>
  );
}

type RunsAndRowsProps = {
  shown: Shown;
  /** What can be said before it is final, of the picked candidate and measure. */
  soFar?: (of: { candidate: RunBody; measure: string }) => ReactNode;
  /** Where the runs come from, beside their chart. */
  children: ReactNode;
};

/** The verdict, then row by row or run by run. */
export function RunsAndRows({ shown, soFar, children }: RunsAndRowsProps) {
  const { view, go } = useView();
  const candidate = candidateOf(shown, view.run);
  const measures = [...shown.scorers, 'latency', 'cost', 'errors'];
  const measure = measures.find((one) => one === view.measure) ?? measures[0] ?? 'errors';
  const [baseline] = shown.runs;
  const pick = (next: string) => go({ measure: next, row: undefined, rep: undefined, show: undefined });
  return (
    <>
      {candidate && view.tab === undefined && (
        <VerdictSection shown={shown} candidate={candidate.id} measure={measure} onMeasure={pick} />
      )}
      {candidate && view.tab === undefined && soFar?.({ candidate, measure })}
      <Tabs runs={shown.runs} tab={view.tab} />
      {view.tab === 'runs' ? (
        <RunsView shown={shown} candidate={candidate} measure={measure}>
          {children}
        </RunsView>
      ) : (
        baseline && <RowReader shown={shown} baseline={baseline} candidate={candidate} measure={measure} />
      )}
    </>
  );
}
