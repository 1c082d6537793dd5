import type { GateResultBody, PairedResultBody } from '@wheelhouse/sdk';
import { count } from '../../data/format.ts';
import { hasInterval, unitOf } from '../../data/measures.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Pill } from '../../parts/pill.tsx';
import { VerdictPill } from '../../parts/verdict.tsx';
import { Interval } from './interval.tsx';
import type { Shown } from './view.tsx';

const percent = (share: number) => `${Math.round(share * 100)} %`;

/** The picked measure: the verdict in words, how sure it is, and what it is made of. */
function Finding({ result }: { result: PairedResultBody }) {
  const unit = unitOf(result.measure);
  const mean = (value: number | null) => (value === null ? '?' : unit.value(value));
  return (
    <section aria-label={result.measure} className="flex min-w-0 flex-col gap-1 p-4">
      <h2 className="truncate text-xs font-medium text-text-2">{result.measure}</h2>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="text-2xl font-semibold whitespace-nowrap">
          {result.difference === null ? '?' : unit.difference(result.difference)}
        </span>
        {hasInterval(result) && <Interval result={result} width={160} />}
        <VerdictPill result={result} />
      </div>
      <div className="mono">
        <span className="text-va">● {mean(result.meanA)}</span> →{' '}
        <span className="text-vb">■ {mean(result.meanB)}</span>
      </div>
      <p className="text-text-2">{result.sentence}</p>
      <p className="text-xs text-text-3">
        {hasInterval(result) &&
          `${percent(result.confidence)} interval ${unit.difference(result.low)} … ${unit.difference(result.high)} · `}
        {count(result.wins)} higher, {count(result.losses)} lower, {count(result.ties)} same · {result.method}
        {result.flaky !== null && ` · ${percent(result.flaky)} of rows differ between repetitions`}
      </p>
      {result.failuresA + result.failuresB > 0 && (
        <p className="text-xs text-bad">
          ✕ without a value: {count(result.failuresA)} of A, {count(result.failuresB)} of B
        </p>
      )}
    </section>
  );
}

/** Where there are too few rows for an interval, how often chance alone would do as much. */
function chanceText({ pValue }: PairedResultBody): string {
  if (pValue === null) return '–';
  return `p ${pValue < 0.001 ? '< 0.001' : `= ${pValue.toFixed(3)}`}`;
}

const gateLooks = {
  held: { tone: 'good', glyph: '✓' },
  failed: { tone: 'bad', glyph: '✕' },
  inconclusive: { tone: 'warn', glyph: '?' },
} as const;

/** @param text what stands beside the sign; left out: whether it held */
export function GatePill({ gate, text }: { gate: GateResultBody; text?: string }) {
  const { tone, glyph } = gateLooks[gate.state];
  return (
    <span title={`${gate.text}. ${gate.sentence}`}>
      <Pill tone={tone}>
        {glyph} {text ?? gate.state}
        {text !== undefined && <span className="sr-only">, {gate.state}</span>}
      </Pill>
    </span>
  );
}

/** What was demanded of the candidate, and whether it held. */
function Gates({ gates }: { gates: GateResultBody[] }) {
  return (
    <ul aria-label="Gates" className="flex flex-col gap-1 border-t border-line px-4 py-2">
      {gates.map((gate) => (
        <li key={gate.text} className="flex flex-wrap items-baseline gap-x-2">
          <GatePill gate={gate} />
          <span className="mono">{gate.text}</span>
          <span className="text-sm text-text-2">{gate.sentence}</span>
        </li>
      ))}
    </ul>
  );
}

type VerdictSectionProps = {
  shown: Shown;
  candidate: string;
  measure: string;
  onMeasure: (measure: string) => void;
};

/** One candidate against the baseline: every measure, one of them in full. */
export function VerdictSection({ shown, candidate, measure, onMeasure }: VerdictSectionProps) {
  const results = shown.results.filter(({ runId }) => runId === candidate);
  const gates = shown.gateResults.filter(({ runId }) => runId === candidate);
  const picked = results.find((one) => one.measure === measure) ?? results[0];
  if (!picked) return null;
  return (
    <div className="flex-none border-b border-line bg-surface">
      <div className="grid lg:grid-cols-[minmax(280px,1fr)_auto]">
        <Finding result={picked} />
        <div className="max-h-56 min-w-0 overflow-auto border-line max-lg:border-t lg:border-l">
          <DataTable
            label="Measures"
            heads={['Measure', 'Difference', 'Interval', 'Verdict']}
            rows={results.map((result) => {
              const unit = unitOf(result.measure);
              return {
                key: result.measure,
                cells: [
                  <button
                    key="measure"
                    type="button"
                    aria-pressed={result === picked}
                    className="min-h-6 max-w-40 truncate text-left aria-pressed:font-semibold aria-pressed:shadow-[inset_0_-2px_0_var(--ink)]"
                    title={`Rows by ${result.measure}`}
                    onClick={() => onMeasure(result.measure)}
                  >
                    {result.measure}
                  </button>,
                  <span key="difference" className="mono whitespace-nowrap">
                    {result.difference === null ? '?' : unit.difference(result.difference)}
                  </span>,
                  hasInterval(result) ? (
                    <span key="interval" className="mono flex items-center gap-2 whitespace-nowrap text-text-2">
                      <Interval result={result} width={72} />[{unit.difference(result.low)},{' '}
                      {unit.difference(result.high)}]
                    </span>
                  ) : (
                    <span key="interval" className="mono whitespace-nowrap text-text-3">
                      {chanceText(result)}
                    </span>
                  ),
                  <VerdictPill key="verdict" result={result} />,
                ],
              };
            })}
          />
        </div>
      </div>
      {gates.length > 0 && <Gates gates={gates} />}
    </div>
  );
}
