import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { OptimizationBody } from '@wheelhouse/sdk';
import { useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { plural, usd } from '../../data/format.ts';
import { budgetOf } from '../../data/optimization-draft.ts';
import { BudgetFields } from '../../parts/budget-fields.tsx';
import { ResumeDialog } from '../../parts/resume-dialog.tsx';

const text = (limit: number | null) => (limit === null ? '' : String(limit));

/** Whether it can go on from here: what came to its end has nothing left, and code runs where it is. */
export const canResume = ({ state, place, report }: OptimizationBody): boolean =>
  place === 'server' &&
  (state === 'stopped' || state === 'failed' || (state === 'done' && report?.stopped.reason === 'budget'));

/** Goes on, with a larger budget where one is wanted. */
export function Resume({ optimization, onClose }: { optimization: OptimizationBody; onClose: () => void }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const { id: optimizationId, budget, spend } = optimization;
  const [limits, setLimits] = useState({
    dollars: budget.costNanoUsd === null ? '' : String(Number(budget.costNanoUsd) / 1e9),
    calls: text(budget.calls),
    minutes: text(budget.minutes),
  });
  const asked = budgetOf(limits);
  const resume = useMutation({
    mutationFn: (next: NonNullable<typeof asked>) =>
      client.call('resumeOptimization', { params: { optimizationId }, body: { budget: next } }),
    onSuccess: (now) => {
      queryClient.setQueryData(['optimization', optimizationId], now);
      onClose();
    },
  });
  return (
    <ResumeDialog
      error={resume.error}
      isReady={!resume.isPending && asked !== null}
      onClose={onClose}
      onResume={() => asked && resume.mutate(asked)}
    >
      <p>
        {plural(spend.calls, 'call')} ({usd(spend.costNanoUsd)}) were made so far; nothing is asked again. The budget is
        for all of it.
      </p>
      <BudgetFields limits={limits} onChange={(change) => setLimits((before) => ({ ...before, ...change }))} />
    </ResumeDialog>
  );
}
