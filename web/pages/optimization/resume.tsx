import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { OptimizationBody } from '@wheelhouse/sdk';
import { useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { plural, usd } from '../../data/format.ts';
import { budgetOf } from '../../data/optimization-draft.ts';
import { BudgetFields } from '../../parts/budget-fields.tsx';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { ErrorText } from '../../parts/request-state.tsx';

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
    <Dialog title="Resume" onClose={onClose}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (asked) resume.mutate(asked);
        }}
      >
        <p>
          {plural(spend.calls, 'call')} ({usd(spend.costNanoUsd)}) were made so far; nothing is asked again. The budget
          is for all of it.
        </p>
        <BudgetFields limits={limits} onChange={(change) => setLimits((before) => ({ ...before, ...change }))} />
        {resume.error && <ErrorText error={resume.error} />}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn btn-primary" disabled={resume.isPending || asked === null}>
            Resume
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
