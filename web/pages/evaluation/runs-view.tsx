import type { MeasureSummaryBody, RunBody } from '@wheelhouse/sdk';
import type { ReactNode } from 'react';
import { count } from '../../data/format.ts';
import { unitOf } from '../../data/measures.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { VerdictPill } from '../../parts/verdict.tsx';
import { CostChart, type Spot } from './cost-chart.tsx';
import { MeanBar } from './interval.tsx';
import { GatePill } from './verdict-section.tsx';
import { type Shown, useView, ViewLink } from './view.tsx';

type RunsViewProps = { shown: Shown; candidate: RunBody | null; measure: string };

const summaryOf = ({ summaries }: Shown, run: RunBody, measure: string): MeasureSummaryBody | undefined =>
  summaries.find((one) => one.runId === run.id && one.measure === measure);

const hasMean = (
  summary: MeasureSummaryBody | undefined,
): summary is MeasureSummaryBody & { mean: number; low: number; high: number } =>
  summary !== undefined && summary.mean !== null && summary.low !== null && summary.high !== null;

function Quality({ summary, from, to }: { summary: MeasureSummaryBody | undefined; from: number; to: number }) {
  const unit = unitOf(summary?.measure ?? '');
  const labels = Object.entries(summary?.labels ?? {});
  if (summary === undefined || summary.mean === null)
    return labels.length === 0 ? '–' : labels.map(([label, times]) => `${label} ${count(times)}`).join(', ');
  return (
    <span className="mono flex items-center gap-2 whitespace-nowrap">
      {unit.value(summary.mean)}
      {hasMean(summary) && (
        <>
          <MeanBar mean={summary.mean} low={summary.low} high={summary.high} from={from} to={to} />
          <span className="text-text-3">
            [{unit.value(summary.low)}, {unit.value(summary.high)}]
          </span>
        </>
      )}
    </span>
  );
}

function RunTable({ shown, candidate, measure }: RunsViewProps) {
  const { runs, results, gateResults } = shown;
  const summaries = runs.map((run) => summaryOf(shown, run, measure)).filter(hasMean);
  const [from, to] = [Math.min(...summaries.map(({ low }) => low)), Math.max(...summaries.map(({ high }) => high))];
  const meanText = (run: RunBody, of: string) => {
    const mean = summaryOf(shown, run, of)?.mean ?? null;
    return mean === null ? '?' : unitOf(of).value(mean);
  };
  return (
    <DataTable
      label="Runs"
      keysTitle="Runs"
      heads={['Run', `Verdict by ${measure}`, measure, 'Latency', 'p95', 'Cost', 'Errors', 'Gates']}
      right={[3, 4, 5, 6]}
      rows={runs.map((run, i) => {
        const result = results.find((one) => one.runId === run.id && one.measure === measure);
        const gates = gateResults.filter(({ runId }) => runId === run.id);
        const p95 = summaryOf(shown, run, 'latency')?.p95 ?? null;
        const mark = i === 0 ? '●' : run.id === candidate?.id ? '■' : '□';
        const color = i === 0 ? 'text-va' : run.id === candidate?.id ? 'text-vb' : 'text-text';
        return {
          key: run.id,
          cells: [
            <ViewLink
              key="run"
              next={{ tab: undefined, row: undefined, rep: undefined, run: i === 0 ? undefined : run.id }}
              className={`whitespace-nowrap hover:underline ${color}`}
              title={i === 0 ? 'The baseline' : 'Its rows beside the baseline'}
            >
              {mark} {run.label}
            </ViewLink>,
            i === 0 ? (
              <span key="verdict" className="text-text-3">
                baseline
              </span>
            ) : result ? (
              <VerdictPill key="verdict" result={result} subject="" />
            ) : (
              '–'
            ),
            <Quality key="quality" summary={summaryOf(shown, run, measure)} from={from} to={to} />,
            <span key="latency" className="mono whitespace-nowrap">
              {meanText(run, 'latency')}
            </span>,
            <span key="p95" className="mono whitespace-nowrap">
              {p95 === null ? '?' : unitOf('latency').value(p95)}
            </span>,
            <span key="cost" className="mono whitespace-nowrap">
              {meanText(run, 'cost')}
            </span>,
            <span key="errors" className="mono">
              {meanText(run, 'errors')}
            </span>,
            <span key="gates" className="flex flex-wrap gap-1">
              {gates.length === 0
                ? '–'
                : gates.map((gate) => <GatePill key={gate.text} gate={gate} text={gate.gate.measure} />)}
            </span>,
          ],
        };
      })}
    />
  );
}

function Against({ shown, candidate, measure }: RunsViewProps) {
  const { view } = useView();
  const by = view.by ?? 'cost';
  const spots = shown.runs.flatMap((run, i): Spot[] => {
    const [quality, taken] = [summaryOf(shown, run, measure), summaryOf(shown, run, by)];
    if (!hasMean(quality) || taken === undefined || taken.mean === null) return [];
    const { mean: y, low, high } = quality;
    const side = i === 0 ? 'A' : run.id === candidate?.id ? 'B' : null;
    return [{ id: run.id, label: run.label, x: taken.mean, y, low, high, side }];
  });
  return (
    <section aria-label="Quality against what it takes" className="min-w-0 p-4">
      <div className="mb-2 flex flex-wrap items-center gap-2">
        <h2 className="font-semibold">
          {measure} against {by}
        </h2>
        {(['cost', 'latency'] as const).map((one) => (
          <ViewLink
            key={one}
            next={{ by: one }}
            replace
            className={`btn !min-h-6 ${one === by ? '!border-line-strong' : 'btn-quiet'}`}
            current={one === by ? 'true' : undefined}
          >
            {one}
          </ViewLink>
        ))}
      </div>
      {spots.length === 0 ? (
        <p className="text-text-3">{by === 'cost' ? 'The cost of the calls is not known.' : 'No run has both.'}</p>
      ) : (
        <CostChart spots={spots} by={by} measure={measure} />
      )}
    </section>
  );
}

/** All runs beside each other, and what quality costs. */
export function RunsView({ children, ...props }: RunsViewProps & { children: ReactNode }) {
  return (
    <>
      {props.shown.summaries.length > 0 ? (
        <div className="flex-none">
          <RunTable {...props} />
        </div>
      ) : (
        <p className="border-b border-line p-4 text-text-2">The runs are summed up when all rows are answered.</p>
      )}
      <div className="grid lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <Against {...props} />
        {children}
      </div>
    </>
  );
}
