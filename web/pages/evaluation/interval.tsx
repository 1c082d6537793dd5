import type { PairedResultBody } from '@wheelhouse/sdk';
import type { Settled } from '../../data/measures.ts';

const colors: Record<PairedResultBody['verdict'], string> = {
  better: 'var(--good)',
  worse: 'var(--bad)',
  no_clear_difference: 'var(--text-3)',
  not_enough_data: 'var(--text-3)',
};

/** The interval of a difference against zero; the numbers beside it say the same. */
export function Interval({ result, width = 120 }: { result: Settled; width?: number }) {
  const { difference, low, high, verdict } = result;
  const middle = width / 2;
  const reach = Math.max(Math.abs(low), Math.abs(high), Number.EPSILON) * 1.15;
  const x = (value: number) => middle + (value / reach) * (middle - 2);
  const stroke = colors[verdict];
  return (
    <svg viewBox={`0 0 ${width} 16`} width={width} height={16} className="flex-none" aria-hidden="true">
      <line x1={middle} x2={middle} y1="0" y2="16" stroke="var(--border-strong)" strokeDasharray="2 2" />
      <line x1={x(low)} x2={x(high)} y1="8" y2="8" stroke={stroke} strokeWidth="2" />
      <line x1={x(low)} x2={x(low)} y1="5" y2="11" stroke={stroke} strokeWidth="1.5" />
      <line x1={x(high)} x2={x(high)} y1="5" y2="11" stroke={stroke} strokeWidth="1.5" />
      <rect x={x(difference) - 1.5} y="3" width="3" height="10" fill={stroke} />
    </svg>
  );
}

type MeanProps = { mean: number; low: number; high: number; from: number; to: number };

/** Where a mean lies on a scale that several share. */
export function MeanBar({ mean, low, high, from, to }: MeanProps) {
  const x = (value: number) => 2 + ((value - from) / (to - from || 1)) * 96;
  return (
    <svg viewBox="0 0 100 12" width={100} height={12} className="flex-none max-md:hidden" aria-hidden="true">
      <line x1="2" x2="98" y1="6" y2="6" stroke="var(--border)" />
      <line x1={x(low)} x2={x(high)} y1="6" y2="6" stroke="var(--text-2)" strokeWidth="2" />
      <circle cx={x(mean)} cy="6" r="3" fill="var(--text)" />
    </svg>
  );
}
