import { silentMs } from '@wheelhouse/core/records';
import type { OptimizationRowBody } from '@wheelhouse/sdk';
import { roughTime } from '../data/rough-time.ts';
import { Pill } from './pill.tsx';
import { useNow } from './use-now.ts';

type Row = Pick<OptimizationRowBody, 'state' | 'verdict' | 'heardAt'>;

/** For how long nothing was heard of what runs where its code is, in words; null while it tells. */
export function useSilence(row: Pick<Row, 'state' | 'heardAt'>): string | null {
  const now = useNow(row.state === 'running' && row.heardAt !== null);
  const ms = silentMs(row, Number(now / 1_000_000n));
  return ms === null ? null : roughTime(ms);
}

/** What came of an optimization, in words; until then how it is. */
export function OptimizationOutcome({ row }: { row: Row }) {
  const { state, verdict } = row;
  const silence = useSilence(row);
  if (state === 'failed') return <Pill tone="bad">✕ failed</Pill>;
  if (state === 'stopped') return <Pill tone="warn">■ stopped</Pill>;
  if (silence !== null) return <Pill tone="warn">▲ no word for {silence}</Pill>;
  if (state !== 'done') return <Pill tone="accent">… {state}</Pill>;
  if (verdict === 'gain') return <Pill tone="good">▲ gain</Pill>;
  return <Pill tone="mute">{verdict === 'no_gain' ? 'No gain found' : 'Not compared'}</Pill>;
}
