import type { OptimizationRowBody } from '@wheelhouse/sdk';
import { Pill } from './pill.tsx';

/** What came of an optimization, in words; until then how it is. */
export function OptimizationOutcome({ row }: { row: Pick<OptimizationRowBody, 'state' | 'verdict'> }) {
  const { state, verdict } = row;
  if (state === 'failed') return <Pill tone="bad">✕ failed</Pill>;
  if (state === 'stopped') return <Pill tone="warn">■ stopped</Pill>;
  if (state !== 'done') return <Pill tone="accent">… {state}</Pill>;
  if (verdict === 'gain') return <Pill tone="good">▲ gain</Pill>;
  return <Pill tone="mute">{verdict === 'no_gain' ? 'No gain found' : 'Not compared'}</Pill>;
}
