import type { OptimizationBody } from '@wheelhouse/sdk';
import { plural } from '../../data/format.ts';
import { roughTime } from '../../data/rough-time.ts';
import { DoneBar } from '../../parts/done-bar.tsx';
import { useSilence } from '../../parts/optimization-outcome.tsx';

const phases = {
  measuring: 'The program as it was runs on rows held out',
  searching: 'Searching',
  comparing: 'The best runs on rows held out',
} as const;

const minutesText = (minutes: number) => plural(Number(minutes.toPrecision(2)), 'minute');

/** How far it is within its budget. */
export function Progress({ optimization }: { optimization: OptimizationBody }) {
  const { state, phase, share, etaSeconds, spend, budget, candidates, place, failures } = optimization;
  const said = state === 'queued' ? 'Waiting for its turn' : phase === null ? 'Running' : phases[phase];
  const failed = failures.call + failures.metric;
  const silence = useSilence(optimization);
  return (
    <section aria-label="Progress" className="border-b border-line px-4 py-3">
      <div className="mb-1 flex flex-wrap items-center gap-x-3 gap-y-1">
        <span>{said}</span>
        {candidates.length > 1 && <span className="text-text-2">{plural(candidates.length - 1, 'candidate')}</span>}
        {failed > 0 && (
          <span className="text-bad" title={failures.first ?? undefined}>
            ✕ {plural(failed, 'failed call')}
          </span>
        )}
        {budget.minutes !== null && (
          <span className="text-text-2">
            {minutesText(spend.minutes)} of {minutesText(budget.minutes)}
          </span>
        )}
        {etaSeconds !== null && (
          <span className="text-text-2">{roughTime(etaSeconds * 1000)} at most, at this rate</span>
        )}
      </div>
      <DoneBar label="Budget spent" done={Math.round(share * 100)} total={100} />
      {/* Told in tenths, or a reader of screens would hear of nothing else. */}
      <span role="status" className="sr-only">
        {said}, {Math.floor(share * 10) * 10} % of the budget
      </span>
      {place === 'client' && silence === null && (
        <p className="mt-1 text-xs text-text-3">The calls are made where it was started.</p>
      )}
      {silence !== null && (
        <p className="mt-1 text-warn">
          Nothing was heard of it for {silence}: it was killed, or cannot reach this server. It goes on where it was
          started: <code className="mono">wheelhouse optimize</code> with its file and{' '}
          <code className="mono">--resume</code>.
        </p>
      )}
    </section>
  );
}
