import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { EvaluationBody } from '@wheelhouse/sdk';
import { useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { count, usd } from '../../data/format.ts';
import { Field } from '../../parts/field.tsx';
import { ResumeDialog } from '../../parts/resume-dialog.tsx';

const dollarsOf = (nano: string | null) => (nano === null ? '' : String(Number(nano) / 1e9));

/** Goes on with what is missing, under another cap where one is wanted. */
export function Resume({ evaluation, onClose }: { evaluation: EvaluationBody; onClose: () => void }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const { id, done, total, capNanoUsd, costNanoUsd } = evaluation;
  const [cap, setCap] = useState(dollarsOf(capNanoUsd));
  const resume = useMutation({
    mutationFn: () =>
      client.call('resumeEvaluation', { params: { evaluationId: id }, body: { cap: cap === '' ? null : cap } }),
    onSuccess: (now) => {
      queryClient.setQueryData(['evaluation', id], now);
      onClose();
    },
  });
  return (
    <ResumeDialog error={resume.error} isReady={!resume.isPending} onClose={onClose} onResume={() => resume.mutate()}>
      <p>
        {count(total - done)} of {count(total)} answers are missing; {usd(costNanoUsd)} was spent so far. What is
        recorded is not asked for again.
      </p>
      <Field label="Cap in dollars" hint="It stops when so much is spent, all in all. Empty: no cap.">
        {(field) => (
          <input
            id={field}
            type="number"
            min="0"
            step="any"
            className="field !w-32"
            value={cap}
            onChange={(event) => setCap(event.target.value)}
          />
        )}
      </Field>
    </ResumeDialog>
  );
}
