import { useMutation } from '@tanstack/react-query';
import type { ReplayBody } from '@wheelhouse/sdk';
import { Square } from 'lucide-react';
import { useData } from '../../data/data-context.tsx';
import { count, plural, usd } from '../../data/format.ts';
import { May } from '../../parts/may.tsx';
import { ErrorText } from '../../parts/request-state.tsx';

/** How far it is, at what cost, and how it is ended early. */
export function ReplayProgress({ replay }: { replay: ReplayBody }) {
  const { client } = useData();
  const { id, status, done, total, failed, costNanoUsd, estimateNanoUsd, capNanoUsd, error } = replay;
  const stop = useMutation({ mutationFn: () => client.call('stopReplay', { params: { replayId: id } }) });
  const isRunning = status === 'queued' || status === 'running';
  if (!isRunning)
    return error === null ? null : (
      <p role="alert" className="border-b border-line px-4 py-2 text-bad">
        ✕ {error}
      </p>
    );
  const share = total === 0 ? 0 : (done / total) * 100;
  return (
    <section aria-label="Progress" className="border-b border-line px-4 py-3">
      <div className="mb-1 flex flex-wrap items-center gap-x-3 gap-y-1">
        <span>
          {count(done)} of {count(total)} answers
        </span>
        {failed > 0 && <span className="text-bad">✕ {plural(failed, 'failed call')}</span>}
        <span className="mono text-text-2">
          {usd(costNanoUsd)} so far
          {estimateNanoUsd !== null && `, about ${usd(estimateNanoUsd)} in all`}
          {capNanoUsd !== null && `, stops at ${usd(capNanoUsd)}`}
        </span>
        <span className="ml-auto">
          <May call="stopReplay">
            <button type="button" className="btn" disabled={stop.isPending} onClick={() => stop.mutate()}>
              <Square size={12} strokeWidth={1.75} aria-hidden="true" />
              {stop.isPending ? 'Stopping …' : 'Stop'}
            </button>
          </May>
        </span>
      </div>
      <div
        role="progressbar"
        aria-label="Answers"
        aria-valuenow={done}
        aria-valuemin={0}
        aria-valuemax={total}
        className="h-2 overflow-hidden rounded-1 bg-line"
      >
        <div className="h-full bg-accent" style={{ width: `${share}%` }} />
      </div>
      {stop.error && <ErrorText error={stop.error} />}
    </section>
  );
}
