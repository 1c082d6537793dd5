import type { OptimizationReportBody } from '@wheelhouse/sdk';
import { count, plural, usd } from '../../data/format.ts';
import { hasInterval, unitOf } from '../../data/measures.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Pill } from '../../parts/pill.tsx';
import { VerdictPill } from '../../parts/verdict.tsx';
import { Interval } from '../evaluation/interval.tsx';

type Result = NonNullable<OptimizationReportBody['comparison']>[number];

const verdicts = {
  gain: <Pill tone="good">▲ Gain on rows held out</Pill>,
  no_gain: <Pill tone="mute">No gain found</Pill>,
  not_compared: <Pill tone="mute">Not compared</Pill>,
};

const percent = (share: number) => `${Math.round(share * 100)} %`;

function ScoreFound({ result }: { result: Result }) {
  const unit = unitOf(result.measure);
  const mean = (value: number | null) => (value === null ? '?' : unit.value(value));
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="text-2xl font-semibold whitespace-nowrap">
          {result.difference === null ? '?' : unit.difference(result.difference)}
        </span>
        {hasInterval(result) && <Interval result={result} width={160} />}
      </div>
      <div className="mono">
        <span className="text-va">● as it was {mean(result.meanA)}</span> →{' '}
        <span className="text-vb">■ best {mean(result.meanB)}</span>
      </div>
      <p className="text-xs text-text-3">
        {hasInterval(result) &&
          `${percent(result.confidence)} interval ${unit.difference(result.low)} … ${unit.difference(result.high)} · `}
        {count(result.wins)} higher, {count(result.losses)} lower, {count(result.ties)} same · {result.method}
      </p>
    </>
  );
}

function Measures({ results }: { results: readonly Result[] }) {
  return (
    <DataTable
      label="Measures on rows held out"
      heads={['Measure', 'As it was', 'Best', 'Difference', 'Interval', 'Verdict']}
      right={[1, 2, 3]}
      rows={results.map((result) => {
        const unit = unitOf(result.measure);
        const mean = (key: string, value: number | null) => (
          <span key={key} className="mono whitespace-nowrap">
            {value === null ? '?' : unit.value(value)}
          </span>
        );
        return {
          key: result.measure,
          cells: [
            result.measure,
            mean('a', result.meanA),
            mean('b', result.meanB),
            <span key="difference" className="mono whitespace-nowrap">
              {result.difference === null ? '?' : unit.difference(result.difference)}
            </span>,
            hasInterval(result) ? (
              <span key="interval" className="mono whitespace-nowrap text-text-2">
                [{unit.difference(result.low)}, {unit.difference(result.high)}]
              </span>
            ) : (
              '–'
            ),
            <VerdictPill key="verdict" result={result} subject="" />,
          ],
        };
      })}
    />
  );
}

const tokensOf = ({ spent: { tokens }, rows }: OptimizationReportBody['before']) =>
  tokens === null || rows === 0 ? null : Math.round((tokens.input + tokens.output) / rows);

/** What a row takes now, and took before. */
function TokensOfRow({ before, after }: Pick<OptimizationReportBody, 'before' | 'after'>) {
  const [was, is] = [tokensOf(before), after && tokensOf(after)];
  if (!was || !is) return null;
  return (
    <p className="mono text-text-2">
      {count(was)} → {count(is)} tokens a row
    </p>
  );
}

/** What it took, and why it ended. */
function Ended({ report }: { report: OptimizationReportBody }) {
  const { stopped, rows, spent, failures } = report;
  const failed = failures.answer + failures.call + failures.metric;
  return (
    <p className="text-xs text-text-3">
      {count(rows.compared)} of {plural(rows.heldOut, 'row')} held out {rows.compared === 1 ? 'was' : 'were'} compared
      {rows.overlapping > 0 && `; ${plural(rows.overlapping, 'row')} left out of the search, for the same input`}. The
      search took {plural(spent.search.calls, 'call')} ({usd(spent.search.costNanoUsd)}), the comparison{' '}
      {plural(spent.comparison.calls, 'call')} ({usd(spent.comparison.costNanoUsd)}).{' '}
      {failed > 0 &&
        `${plural(failures.answer, 'answer')} could not be read, ${plural(failures.call, 'call')} and ${plural(failures.metric, 'score')} failed. `}
      {report.sentence.includes(stopped.message) ? '' : stopped.message}
    </p>
  );
}

/** The verdict: the best candidate against the program as it was, on rows that no search has seen. */
export function HeldOut({ report }: { report: OptimizationReportBody }) {
  const results = report.comparison ?? [];
  const score = results.find(({ measure }) => measure === 'score');
  return (
    <div className="grid flex-none border-b border-line bg-surface @min-[900px]:grid-cols-[minmax(300px,1fr)_auto]">
      <section aria-label="On rows held out" className="flex min-w-0 flex-col items-start gap-1 p-4">
        <h2 className="text-xs font-medium text-text-2">On rows held out</h2>
        {verdicts[report.verdict]}
        {score && <ScoreFound result={score} />}
        <TokensOfRow before={report.before} after={report.after} />
        <p className="text-text-2">{report.sentence}</p>
        <Ended report={report} />
      </section>
      {results.length > 0 && (
        <div className="min-w-0 overflow-auto border-line @max-[900px]:border-t @min-[900px]:border-l">
          <Measures results={results} />
        </div>
      )}
    </div>
  );
}
