import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { OnlineEvaluationBody } from '@wheelhouse/sdk';
import { useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { plural, usd } from '../../data/format.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { StartFooter } from '../../parts/start-footer.tsx';
import { useSettled } from '../../parts/use-settled.ts';

type Asked = { since?: string; most: number; cap?: string };

function Estimate({ name, of, asked }: { name: string; of: string; asked: Asked }) {
  const { client } = useData();
  const body = useSettled(asked);
  const { data, error } = useQuery({
    queryKey: ['online-backfill', name, body],
    queryFn: ({ signal }) => client.call('estimateOnlineBackfill', { params: { online: name }, body, signal }),
    retry: false,
  });
  if (error) return <ErrorText error={error} />;
  if (!data) return <p className="text-text-3">Estimating …</p>;
  return (
    <p role="status" className="rounded-2 bg-sunken px-3 py-2">
      <b className="font-semibold">{plural(data.total, of.slice(0, -1))}</b> × {plural(data.scorers.length, 'scorer')},
      judges for about{' '}
      {data.costNanoUsd === null ? 'an unknown price' : <b className="mono font-semibold">{usd(data.costNanoUsd)}</b>}.
    </p>
  );
}

/** Scores what came before by the same scorers, as a job; what is scored already is not paid again. */
export function Backfill({ online: { name, of }, onClose }: { online: OnlineEvaluationBody; onClose: () => void }) {
  const { client } = useData();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState({ since: '', most: '1000', cap: '' });
  const asked: Asked = {
    most: Math.max(1, Math.round(Number(draft.most) || 1)),
    ...(draft.since === '' ? {} : { since: `${draft.since}T00:00:00.000Z` }),
    ...(draft.cap === '' ? {} : { cap: draft.cap }),
  };
  const start = useMutation({
    mutationFn: () => client.call('backfillOnlineEvaluation', { params: { online: name }, body: asked }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ['scorings'] });
      await navigate({ to: '/traces/scorings' });
    },
  });
  const input =
    (key: keyof typeof draft, type: 'date' | 'number', more: object = {}) =>
    (id: string) => (
      <input
        id={id}
        type={type}
        className="field"
        value={draft[key]}
        onChange={(event) => setDraft((before) => ({ ...before, [key]: event.target.value }))}
        {...more}
      />
    );
  return (
    <Dialog title={`Score what came before ${name}`} onClose={onClose} width={560}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          start.mutate();
        }}
      >
        <div className="grid gap-3 sm:grid-cols-3">
          <Field label="Since" hint="UTC; empty: all.">
            {input('since', 'date')}
          </Field>
          <Field label="At most" hint="The newest come first.">
            {input('most', 'number', { min: 1, max: 100_000, required: true })}
          </Field>
          <Field label="Cap in dollars" hint="Of judges; it stops there.">
            {input('cap', 'number', { min: 0, step: 'any', placeholder: 'none' })}
          </Field>
        </div>
        <StartFooter
          estimate={<Estimate name={name} of={of} asked={asked} />}
          start={start}
          isReady
          label="Score"
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
