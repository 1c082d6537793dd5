import { useMutation } from '@tanstack/react-query';
import type { EvaluationBody } from '@wheelhouse/sdk';
import { Square } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { count, plural, usd } from '../../data/format.ts';
import { roughTime } from '../../data/rough-time.ts';
import { May } from '../../parts/may.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { keepSamples, type Sample, timeLeft } from './time-left.ts';

function useTimeLeft({ done, total }: EvaluationBody): number | null {
  const [samples, setSamples] = useState<Sample[]>([]);
  useEffect(() => setSamples((before) => keepSamples(before, { atMs: Date.now(), done })), [done]);
  return timeLeft(samples, total);
}

function Spent({ evaluation }: { evaluation: EvaluationBody }) {
  const { costNanoUsd, estimateNanoUsd, capNanoUsd } = evaluation;
  return (
    <span className="mono text-text-2">
      {usd(costNanoUsd)} so far
      {estimateNanoUsd !== null &&
        BigInt(estimateNanoUsd) > BigInt(costNanoUsd ?? 0) &&
        `, about ${usd(estimateNanoUsd)} in all`}
      {capNanoUsd !== null && `, stops at ${usd(capNanoUsd)}`}
    </span>
  );
}

/** How far it is, at what cost, and how it is ended early. */
export function Progress({ evaluation }: { evaluation: EvaluationBody }) {
  const { client } = useData();
  const { id, done, total, status, failed, cached, place } = evaluation;
  const left = useTimeLeft(evaluation);
  const stop = useMutation({ mutationFn: () => client.call('stopEvaluation', { params: { evaluationId: id } }) });
  const share = total === 0 ? 0 : (done / total) * 100;
  const state = status === 'queued' ? 'Waiting for its turn' : 'Running';
  return (
    <section aria-label="Progress" className="border-b border-line px-4 py-3">
      <div className="mb-1 flex flex-wrap items-center gap-x-3 gap-y-1">
        <span>
          {state}: {count(done)} of {count(total)} answers
        </span>
        {failed > 0 && <span className="text-bad">✕ {plural(failed, 'failed call')}</span>}
        {cached > 0 && <span className="text-text-2">{count(cached)} taken from before</span>}
        <Spent evaluation={evaluation} />
        <span className="text-text-2">
          {status === 'running' && (left === null ? 'time left: known soon' : `about ${roughTime(left)} left`)}
        </span>
        <span className="ml-auto">
          <May call="stopEvaluation">
            <button
              type="button"
              className="btn"
              disabled={stop.isPending}
              title="Calls under way end; what was recorded stays"
              onClick={() => stop.mutate()}
            >
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
      {/* Told in tenths, or a reader of screens would hear of nothing else. */}
      <span role="status" className="sr-only">
        {state}, {Math.floor(share / 10) * 10} % done
      </span>
      {place === 'client' && <p className="mt-1 text-xs text-text-3">The calls are made where it was started.</p>}
      {stop.error && <ErrorText error={stop.error} />}
    </section>
  );
}
