import type { PairedResultBody } from '@wheelhouse/sdk';
import { dollars, seconds } from '../../data/format.ts';
import { VerdictPill } from '../../parts/verdict.tsx';

type Unit = { value: (n: number) => string; difference: (n: number) => string };

const signed = (n: number, text: string) => (n > 0 ? `+${text}` : text);
const points = (n: number) => `${(n * 100).toFixed(1).replace('-', '−')}`;

/** How numbers of a measure are written: scores as shares, latency in seconds, cost in dollars. */
function unitOf(measure: string): Unit {
  if (measure === 'latency') return { value: seconds, difference: (n) => signed(n, seconds(n)) };
  if (measure === 'cost') return { value: dollars, difference: (n) => signed(n, dollars(n)) };
  return { value: (n) => `${points(n)} %`, difference: (n) => signed(n, `${points(n)} pp`) };
}

const colors = {
  better: 'var(--good)',
  worse: 'var(--bad)',
  no_clear_difference: 'var(--text-3)',
  not_enough_data: 'var(--text-3)',
};

/** The interval against zero; the text beside says the same. */
function Interval({ result }: { result: PairedResultBody & { difference: number; low: number; high: number } }) {
  const { difference, low, high, verdict } = result;
  const reach = Math.max(Math.abs(low), Math.abs(high), Number.EPSILON) * 1.15;
  const x = (value: number) => 60 + (value / reach) * 58;
  return (
    <svg viewBox="0 0 120 16" className="h-4 w-[120px] flex-none" aria-hidden="true">
      <line x1="60" x2="60" y1="0" y2="16" stroke="var(--border-strong)" strokeDasharray="2 2" />
      <line x1={x(low)} x2={x(high)} y1="8" y2="8" stroke={colors[verdict]} strokeWidth="2" />
      <line x1={x(low)} x2={x(low)} y1="5" y2="11" stroke={colors[verdict]} strokeWidth="1.5" />
      <line x1={x(high)} x2={x(high)} y1="5" y2="11" stroke={colors[verdict]} strokeWidth="1.5" />
      <rect x={x(difference) - 1.5} y="3" width="3" height="10" fill={colors[verdict]} />
    </svg>
  );
}

const hasInterval = (
  result: PairedResultBody,
): result is PairedResultBody & { difference: number; low: number; high: number } =>
  result.difference !== null && result.low !== null && result.high !== null;

/** One measure: the difference, how sure it is, and what it is made of. */
export function MeasureCard({ result }: { result: PairedResultBody }) {
  const unit = unitOf(result.measure);
  const mean = (value: number | null) => (value === null ? '?' : unit.value(value));
  const failures = result.failuresA + result.failuresB;
  return (
    <section aria-label={result.measure} className="card flex min-w-0 flex-col gap-1 p-3">
      <h2 className="text-xs font-medium text-text-2">{result.measure}</h2>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="text-xl font-semibold whitespace-nowrap">
          {result.difference === null ? '?' : unit.difference(result.difference)}
        </span>
        {hasInterval(result) && <Interval result={result} />}
        <VerdictPill result={result} />
      </div>
      <div className="mono">
        <span className="text-va">● {mean(result.meanA)}</span> →{' '}
        <span className="text-vb">■ {mean(result.meanB)}</span>
      </div>
      <p className="text-sm text-text-2">{result.sentence}</p>
      <p className="text-xs text-text-3">
        {hasInterval(result) &&
          `${Math.round(result.confidence * 100)} % interval ${unit.difference(result.low)} … ${unit.difference(result.high)} · `}
        {result.wins} higher, {result.losses} lower, {result.ties} same · {result.method}
      </p>
      {failures > 0 && (
        <p className="text-xs text-bad">
          ✕ without a score: {result.failuresA} of A, {result.failuresB} of B
        </p>
      )}
    </section>
  );
}
