import { useMutation } from '@tanstack/react-query';
import type { EvaluationBody } from '@wheelhouse/sdk';
import { Square } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { count, plural, usd } from '../data/format.ts';
import { roughTime } from '../data/rough-time.ts';
import { keepSamples, type Sample, timeLeft } from '../data/time-left.ts';
import { DoneBar } from './done-bar.tsx';
import { May } from './may.tsx';
import { ErrorText } from './request-state.tsx';

type Run = Pick<
  EvaluationBody,
  'status' | 'done' | 'total' | 'failed' | 'costNanoUsd' | 'estimateNanoUsd' | 'capNanoUsd'
>;

function useTimeLeft({ done, total }: Run): number | null {
  const [samples, setSamples] = useState<Sample[]>([]);
  useEffect(() => setSamples((before) => keepSamples(before, { atMs: Date.now(), done })), [done]);
  return timeLeft(samples, total);
}

function Spent({ run: { costNanoUsd, estimateNanoUsd, capNanoUsd } }: { run: Run }) {
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

type RunProgressProps = {
  run: Run;
  stop: { call: 'stopEvaluation' | 'stopReplay'; run: () => Promise<unknown> };
  /** What else is said of it. */
  children?: ReactNode;
};

/** How far something is that asks models row by row, at what cost, and how it is ended early. */
export function RunProgress({ run, stop, children }: RunProgressProps) {
  const { done, total, status, failed } = run;
  const left = useTimeLeft(run);
  const stopping = useMutation({ mutationFn: stop.run });
  const state = status === 'queued' ? 'Waiting for its turn' : 'Running';
  return (
    <section aria-label="Progress" className="border-b border-line px-4 py-3">
      <div className="mb-1 flex flex-wrap items-center gap-x-3 gap-y-1">
        <span>
          {state}: {count(done)} of {count(total)} answers
        </span>
        {failed > 0 && <span className="text-bad">✕ {plural(failed, 'failed call')}</span>}
        {children}
        <Spent run={run} />
        <span className="text-text-2">
          {status === 'running' && (left === null ? 'time left: known soon' : `about ${roughTime(left)} left`)}
        </span>
        <span className="ml-auto">
          <May call={stop.call}>
            <button
              type="button"
              className="btn"
              disabled={stopping.isPending}
              title="Calls under way end; what was recorded stays"
              onClick={() => stopping.mutate()}
            >
              <Square size={12} strokeWidth={1.75} aria-hidden="true" />
              {stopping.isPending ? 'Stopping …' : 'Stop'}
            </button>
          </May>
        </span>
      </div>
      <DoneBar label="Answers" done={done} total={total} />
      {/* Told in tenths, or a reader of screens would hear of nothing else. */}
      <span role="status" className="sr-only">
        {state}, {Math.floor((done / Math.max(1, total)) * 10) * 10} % done
      </span>
      {stopping.error && <ErrorText error={stopping.error} />}
    </section>
  );
}
